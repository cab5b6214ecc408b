"""The multi-layer perceptron: fully connected layers, one after the other."""

from collections.abc import Sequence

from glassnet.layers import Dense, Dropout, Flatten, Layer, Rescaling, Sequential
from glassnet.layers.regularizers import L1L2


def mlp(
    classes: int,
    hidden: Sequence[int] = (128,),
    activation: str = "relu",
    output_activation: str = "softmax",
    dropout: float = 0.0,
    l1: float = 0.0,
    l2: float = 0.0,
    rescaling: Rescaling | None = None,
) -> Sequential:
    """Flatten, rescale, then a Dense layer (and dropout) for each hidden size, then the outputs.

    Penalties l1 and l2 are on all kernels.
    """
    penalty = L1L2(l1, l2) if l1 or l2 else None
    layers: list[Layer] = [Flatten()]
    if rescaling is not None:
        layers.append(rescaling)
    for units in hidden:
        layers.append(Dense(units, activation, kernel_regularizer=penalty))
        if dropout:
            layers.append(Dropout(dropout))
    layers.append(Dense(classes, output_activation, kernel_regularizer=penalty))
    return Sequential(tuple(layers))
