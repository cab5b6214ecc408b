"""Residual networks for small pictures."""

from collections.abc import Sequence

from glassnet.layers import (
    Activation,
    Dense,
    GlobalAveragePooling2D,
    Rescaling,
    Residual,
    Sequential,
)
from glassnet.networks.cnn import convolution
from glassnet.networks.inputs import pictures, stages


def resnet(
    classes: int,
    shape: Sequence[int],
    filters: Sequence[int] = (16, 32, 64),
    depth: int = 3,
    output_activation: str = "softmax",
    rescaling: Rescaling | None = None,
) -> Sequential:
    """A convolution, then `depth` residual blocks of two convolutions for each number of filters.

    The first block of a new number halves the picture, and a 1×1 convolution lets its shortcut
    follow. With the defaults this is ResNet-20, 274,000 weights for grey pictures in 10 classes.
    Source: He et al. 2016, "Deep residual learning for image recognition", with its option B.
    """
    layers, _ = pictures(tuple(shape), rescaling, "resnet")
    filters, depth = stages(filters, depth, "resnet")
    layers += convolution(filters[0], "relu")
    before = filters[0]
    for number, count in enumerate(filters):
        for block in range(depth):
            stride = 2 if number and not block else 1
            body = (*convolution(count, "relu", stride=stride), *convolution(count, None))
            moved = stride > 1 or count != before
            shortcut = tuple(convolution(count, None, 1, stride)) if moved else ()
            layers += [Residual(body, shortcut), Activation("relu")]
            before = count
    return Sequential((*layers, GlobalAveragePooling2D(), Dense(classes, output_activation)))
