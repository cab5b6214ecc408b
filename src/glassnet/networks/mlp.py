"""The multilayer perceptron: fully connected layers, one after the other."""

from collections.abc import Sequence

from glassnet.core.errors import unknown
from glassnet.data.preprocessing import Features
from glassnet.layers import (
    Activation,
    BatchNormalization,
    Dense,
    Dropout,
    Flatten,
    Layer,
    LayerNormalization,
    Normalization,
    Rescaling,
    Sequential,
)
from glassnet.layers.regularizers import L1L2
from glassnet.networks.inputs import table_input

NORMALIZATIONS = {"batch": BatchNormalization, "layer": LayerNormalization}


def mlp(
    classes: int,
    hidden: Sequence[int] = (128,),
    activation: str = "relu",
    output_activation: str = "softmax",
    normalization: str = "none",
    dropout: float = 0.0,
    l1: float = 0.0,
    l2: float = 0.0,
    rescaling: Rescaling | Normalization | None = None,
    features: Features | None = None,
) -> Sequential:
    """Flatten, rescale, then a Dense layer (and dropout) for each hidden size, then the outputs.

    With `normalization` "batch" or "layer", a normalization comes between a hidden layer's product
    and its activation, and its offset replaces the bias. Penalties l1 and l2 apply to all kernels.
    Categories among the `features` of a table are embedded first.
    """
    if normalization not in (choices := ("none", *NORMALIZATIONS)):
        raise unknown("normalization", normalization, choices, where="mlp")
    penalty = L1L2(l1, l2) if l1 or l2 else None
    layers: list[Layer] = [Flatten()]
    if rescaling is not None:
        layers.append(rescaling)
    layers += table_input(features)
    for units in hidden:
        if normalization == "none":
            layers.append(Dense(units, activation, kernel_regularizer=penalty))
        else:
            layers.append(Dense(units, use_bias=False, kernel_regularizer=penalty))
            layers += [NORMALIZATIONS[normalization](), Activation(activation)]
        if dropout:
            layers.append(Dropout(dropout))
    layers.append(Dense(classes, output_activation, kernel_regularizer=penalty))
    return Sequential(tuple(layers))
