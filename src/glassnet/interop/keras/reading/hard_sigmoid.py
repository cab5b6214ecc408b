"""Keras 2's hard_sigmoid, clip(0.2x + 0.5, 0, 1): in Keras 3 and here, it is relu6(x + 3) / 6.

The second of 1.2x is the first of x. So the weights that x is computed from are multiplied by 1.2,
and predictions are those of Keras 2. (Keras 3 loads such files as if they were its own.)
"""

from collections.abc import Mapping, Sequence

import numpy as np

from glassnet.core.arrays import Array
from glassnet.interop.keras.reading.entry import Config, refuse

HARD_SIGMOID = "hard_sigmoid"
FACTOR = 1.2
_GATES = {"GRU": (True, True, False), "LSTM": (True, True, False, True)}  # with it, of their order
_LINEAR = (
    "Conv1D", "Conv1DTranspose", "Conv2D", "Conv2DTranspose", "Conv3D", "Conv3DTranspose", "Dense",
    "SimpleRNN",
)  # fmt: skip
_OTHER = (
    "has the activation 'hard_sigmoid', which is clip(0.2x + 0.5, 0, 1) in Keras 2, where this "
    "file is from, but relu6(x + 3) / 6 in Keras 3 and here."
)
_FIX = "In Keras 2, make it the activation of a Dense layer or of a convolution."


def scaled_gates(kind: str, config: Config, where: str) -> Sequence[bool]:
    """Return which parts of a layer's weights are to be scaled: none, or one entry for each gate.

    `config` is that of a layer of Keras 2; raises if no scaling of weights helps.
    """
    if kind == "Bidirectional":
        inner = config["layer"]
        return scaled_gates(inner["class_name"], inner["config"], where)
    of_gates = config.get("recurrent_activation") == HARD_SIGMOID
    if config.get("activation") != HARD_SIGMOID:
        return _GATES[kind] if of_gates and kind in _GATES else ()
    if kind not in _LINEAR:
        refuse(where, _OTHER, _FIX)
    return (True,)


def scaled(weights: Mapping[str, Array], gates: Sequence[bool]) -> dict[str, Array]:
    """Return the weights, with the parts of these gates multiplied; the last axis has all gates."""
    factors = np.where(gates, FACTOR, 1.0)
    return {
        name: values * np.repeat(factors, values.shape[-1] // len(gates)).astype(values.dtype)
        for name, values in weights.items()
    }
