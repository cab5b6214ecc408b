"""Residual networks for small images."""

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
from glassnet.networks.inputs import checked_stages, image_input


def resnet(
    classes: int,
    shape: Sequence[int],
    filters: Sequence[int] = (16, 32, 64),
    depth: int = 3,
    output_activation: str = "softmax",
    rescaling: Rescaling | None = None,
) -> Sequential:
    """A convolution, then `depth` residual blocks of two convolutions for each number of filters.

    The first block of each new number halves the image, with a 1×1 convolution as its shortcut.
    With the defaults this is ResNet-20, 274,000 weights for gray images in 10 classes.
    Source: He et al. 2016, "Deep residual learning for image recognition", option B.
    """
    layers, _ = image_input(tuple(shape), rescaling, "resnet")
    filters, depth = checked_stages(filters, depth, "resnet")
    layers += convolution(filters[0], "relu")
    channels = filters[0]
    for number, count in enumerate(filters):
        for block in range(depth):
            stride = 2 if number and not block else 1
            body = (*convolution(count, "relu", stride=stride), *convolution(count, None))
            changes_shape = stride > 1 or count != channels
            shortcut = tuple(convolution(count, None, 1, stride)) if changes_shape else ()
            layers += [Residual(body, shortcut), Activation("relu")]
            channels = count
    return Sequential((*layers, GlobalAveragePooling2D(), Dense(classes, output_activation)))
