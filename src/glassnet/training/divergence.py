"""Which array was the first that is no number? Asked when a step could not be done."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, as_tuple, map_arrays
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import items
from glassnet.engines.state import Engine

_LOWER = "Lower the learning rate, or bound the gradients (global_clipnorm=1.0, --clip 1)."
_KEPT = "The weights are those of the step before."
_MENDS = {
    "input": "Drop those rows or fill the gaps.",
    "weight": "The step before made it so. " + _LOWER,
    "activation": "Lower the learning rate, and look whether the inputs are scaled.",
    "loss": "Lower the learning rate, and look whether targets and outputs are of one scale.",
    "gradient": _LOWER,
}


class DivergenceError(GlassnetError):
    """The loss or a gradient is no longer a number: nothing after that step is worth anything.

    `kind` says what was bad first (input, weight, activation, loss or gradient), `array` which.
    """

    def __init__(
        self, what: str, *, where: str, kind: str, array: str = "", kept: str = _KEPT
    ) -> None:
        self.kind, self.array = kind, array
        super().__init__(what, where=where, fix=f"{_MENDS[kind]} {kept}")


def lost(error: BaseException) -> bool:
    """Whether even the weights of the step before are no numbers."""
    return isinstance(error, DivergenceError) and error.kind == "weight"


def divergence(
    engine: Engine, x: Any, y: Any, rows: Array, loss: float, where: str
) -> DivergenceError:
    """The error for the step that the engine stands before and could not do, on these rows.

    The step is looked at again, from the weights before it: in the order of the computation, the
    first array that is not finite is named.
    """
    x, y = (map_arrays(lambda a: a[rows], data) for data in (x, y))
    inputs = as_tuple(x)
    named = {f"input {i}" if len(inputs) > 1 else "the input": a for i, a in enumerate(inputs)}
    with np.errstate(all="ignore"):
        outputs, gradients = engine.trace(x, y)
    params = dict(items(engine.params))
    backwards = {path: gradients[path] for path in reversed(params) if path in gradients}
    for kind, arrays in (
        ("input", named),
        ("weight", params),
        ("activation", outputs),
        ("loss", {"the loss": np.array([loss])}),
        ("gradient", backwards),
    ):
        for name, array in arrays.items():
            if not np.isfinite(array).all():
                said = {"weight": f"the weight {name}", "activation": f"the output of layer {name}"}
                said["gradient"] = f"the gradient of {name}"
                what = f"{said.get(kind, name)} is the first array that {_holds(array)}."
                return DivergenceError(what, where=where, kind=kind, array=name)
    return DivergenceError("a number overflowed.", where=where, kind="gradient")


def _holds(array: Any) -> str:
    """What is wrong with it, in words."""
    found: Mapping[str, Any] = {"NaN": np.isnan(array), "infinity": np.isinf(array)}
    kinds = " and ".join(name for name, wrong in found.items() if wrong.any())
    if array.size == 1:
        return f"is {kinds}"
    return f"holds {kinds} ({(~np.isfinite(array)).sum():,} of {array.size:,} numbers)"
