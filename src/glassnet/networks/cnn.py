"""A plain convolutional network of today: small kernels, batch normalization, pools."""

from collections.abc import Sequence

from glassnet.layers import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    GlobalAveragePooling2D,
    Layer,
    MaxPooling2D,
    Rescaling,
    Sequential,
)
from glassnet.networks.inputs import pictures, stages


def cnn(
    classes: int,
    shape: Sequence[int],
    filters: Sequence[int] = (32, 64, 128),
    depth: int = 2,
    activation: str = "relu",
    dropout: float = 0.2,
    output_activation: str = "softmax",
    rescaling: Rescaling | None = None,
) -> Sequential:
    """For each number of filters `depth` 3×3 convolutions, each with batch normalization and the
    activation; a pool by 2 and dropout between them; at the end the mean over all places.

    288,170 weights to learn for grey pictures in 10 classes, and 896 running statistics.
    Sources: Simonyan & Zisserman 2015 (small kernels); Ioffe & Szegedy 2015 (batch normalization);
    Lin et al. 2014 (the mean over all places).
    """
    layers, _ = pictures(tuple(shape), rescaling, "cnn")
    filters, depth = stages(filters, depth, "cnn")
    for number, count in enumerate(filters):
        if number:
            layers.append(MaxPooling2D(2))
            if dropout:
                layers.append(Dropout(dropout))
        for _ in range(depth):
            layers += convolution(count, activation)
    layers.append(GlobalAveragePooling2D())
    if dropout:
        layers.append(Dropout(dropout))
    return Sequential((*layers, Dense(classes, output_activation)))


def convolution(
    filters: int, activation: str | None, size: int = 3, stride: int = 1
) -> list[Layer]:
    """A convolution that keeps the size (or divides it by the stride), normalized, activated."""
    layers: list[Layer] = [
        Conv2D(filters, size, strides=stride, padding="same", use_bias=False,
               kernel_initializer="he_normal"),
        BatchNormalization(momentum=0.9),  # a short training has no time for Keras's 0.99
    ]  # fmt: skip
    return layers if activation is None else [*layers, Activation(activation)]
