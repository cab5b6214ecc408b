"""MobileNetV2, as torchvision has it: its layers have the names there, so that its weights load."""

from collections.abc import Sequence

from glassnet.layers import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    GlobalAveragePooling2D,
    Layer,
    Rescaling,
    Residual,
    Sequential,
    ZeroPadding2D,
)
from glassnet.networks.inputs import image_input

_STAGES = (  # (expansion, filters, blocks, stride of the first block)
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
    (6, 320, 1, 1),
)  # fmt: skip
_STEM, _HEAD = 32, 1280  # filters


def mobilenet_v2(
    classes: int,
    shape: Sequence[int],
    dropout: float = 0.2,
    output_activation: str = "softmax",
    rescaling: Rescaling | None = None,
) -> Sequential:
    """A convolution, 17 inverted residual blocks, a 1×1 convolution, and the mean of all positions.

    A block widens the channels by a 1×1 convolution, convolves each channel, and narrows them by
    another 1×1 convolution without an activation. 3,504,872 trainable weights for 1000 classes.
    Padding, epsilon and momentum are PyTorch's. Images are divided by 32: 224 × 224 pixels, scaled
    by `imagenet_normalization`, for torchvision's weights (docs/pretrained.md).
    Source: Sandler et al. 2018, "MobileNetV2: inverted residuals and linear bottlenecks".
    """
    layers, _ = image_input(tuple(shape), rescaling, "mobilenet-v2")
    layers += normalized(convolved(_STEM, 3, 2, name="features.0.0"), "features.0.1")
    number, channels = 1, _STEM
    for expansion, filters, blocks, first_stride in _STAGES:
        for block in range(blocks):
            stride = first_stride if block == 0 else 1
            body = _block(channels * expansion, filters, stride, expansion > 1)
            name = f"features.{number}"
            residual = stride == 1 and channels == filters
            layers.append(Residual(body, name=name) if residual else Sequential(body, name=name))
            number, channels = number + 1, filters
    layers += normalized(convolved(_HEAD, 1, name=f"features.{number}.0"), f"features.{number}.1")
    layers.append(GlobalAveragePooling2D())
    if dropout:
        layers.append(Dropout(dropout))
    return Sequential((*layers, Dense(classes, output_activation, name="classifier.1")))


def _block(width: int, filters: int, stride: int, expands: bool) -> tuple[Layer, ...]:
    """Return the layers of a block, named as in torchvision: conv.0.0, conv.0.1, conv.1.0, ..."""
    number, layers = 0, list[Layer]()
    if expands:
        layers += normalized(convolved(width, 1, name="conv.0.0"), "conv.0.1")
        number = 1
    each_channel = convolved(None, 3, stride, name=f"conv.{number}.0")
    layers += normalized(each_channel, f"conv.{number}.1")
    narrow = convolved(filters, 1, name=f"conv.{number + 1}")
    return (*layers, *normalized(narrow, f"conv.{number + 2}", None))


def convolved(filters: int | None, size: int, stride: int = 1, *, name: str) -> list[Layer]:
    """A convolution padded equally on all sides; without `filters`, of each channel."""
    layers: list[Layer] = [ZeroPadding2D(size // 2)] if size > 1 and stride > 1 else []
    padding = "valid" if layers else "same"
    if filters is None:
        convolution: Layer = DepthwiseConv2D(
            size, strides=stride, padding=padding, use_bias=False,
            depthwise_initializer="he_normal", name=name,
        )  # fmt: skip
    else:
        convolution = Conv2D(
            filters, size, strides=stride, padding=padding, use_bias=False,
            kernel_initializer="he_normal", name=name,
        )  # fmt: skip
    return [*layers, convolution]


def normalized(layers: list[Layer], name: str, activation: str | None = "relu6") -> list[Layer]:
    """These layers, normalized and activated."""
    layers = [*layers, BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)]
    return [*layers, Activation(activation)] if activation else layers
