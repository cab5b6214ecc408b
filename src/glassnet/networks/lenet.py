"""LeNet-5: the first convolutional network that read handwriting well."""

from collections.abc import Sequence

from glassnet.core.errors import GlassnetError
from glassnet.layers import (
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
    Rescaling,
    Sequential,
)
from glassnet.networks.inputs import checked_stages, image_input


def lenet(
    classes: int,
    shape: Sequence[int],
    filters: Sequence[int] = (6, 16),
    hidden: Sequence[int] = (120, 84),
    activation: str = "relu",
    dropout: float = 0.0,
    output_activation: str = "softmax",
    rescaling: Rescaling | None = None,
) -> Sequential:
    """For each number of filters a 5×5 convolution and 2×2 pooling, then dense layers.

    61,706 weights for 28×28 pixels. The first convolution pads them to the 32×32 of the paper,
    whose tanh and average pooling are replaced by relu and max pooling.
    Source: LeCun et al. 1998, "Gradient-based learning applied to document recognition".
    """
    layers, (height, width, _) = image_input(tuple(shape), rescaling, "lenet")
    filters, _ = checked_stages(filters, 1, "lenet")
    for number, count in enumerate(filters):
        if number and (side := min(height, width) // 2**number) < 5:
            raise GlassnetError(
                f"its convolution {number + 1} needs 5 × 5 pixels, but after pooling, an image of "
                f"{height} × {width} pixels has a side of only {side}.",
                where="lenet",
                fix="Use cnn, fewer --filters, or larger images.",
            )
        padding = "valid" if number else "same"
        layers += [Conv2D(count, 5, padding=padding, activation=activation), MaxPooling2D(2)]
    layers.append(Flatten())
    for units in hidden:
        layers.append(Dense(units, activation))
        if dropout:
            layers.append(Dropout(dropout))
    return Sequential((*layers, Dense(classes, output_activation)))
