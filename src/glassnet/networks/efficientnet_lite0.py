"""EfficientNet-Lite0, as in TensorFlow; its layers have the names of PyTorch's port of it."""

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
)
from glassnet.networks.inputs import image_input

_STAGES = (  # (expansion, filters, blocks, stride of the first block, size of the windows)
    (1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5), (6, 320, 1, 1, 3),
)  # fmt: skip
_STEM, _HEAD = 32, 1280  # filters


def efficientnet_lite0(
    classes: int,
    shape: Sequence[int],
    dropout: float = 0.2,
    output_activation: str = "softmax",
    rescaling: Rescaling | None = None,
) -> Sequential:
    """EfficientNet-B0 for small devices: without squeeze-and-excitation, and with ReLU6.

    4,652,008 weights for 1000 classes, 42,016 of which are moving statistics. Its own training read
    224 × 224 pixels, x / 128 − 127 / 128 of RGB images of 0 to 255 (docs/pretrained.md).
    Sources: Tan & Le 2019, "EfficientNet: rethinking model scaling for convolutional neural
    networks"; Liu 2020, "Higher accuracy on vision models with EfficientNet-Lite".
    """
    layers, _ = image_input(tuple(shape), rescaling, "efficientnet-lite0")
    layers += _convolution(_STEM, "conv_stem", "bn0", stride=2)
    number, channels = 0, _STEM
    for expansion, filters, blocks, first_stride, size in _STAGES:
        for block in range(blocks):
            stride = first_stride if block == 0 else 1
            body = (
                *(_convolution(channels * expansion, "expand_conv", "bn0", 1)
                  if expansion > 1 else ()),
                *_convolution(None, "depthwise_conv", "bn1", size, stride),
                *_convolution(filters, "project_conv", "bn2", 1, activation=None),
            )  # fmt: skip
            name = f"blocks.{number}"
            residual = stride == 1 and channels == filters
            layers.append(Residual(body, name=name) if residual else Sequential(body, name=name))
            number, channels = number + 1, filters
    layers += [*_convolution(_HEAD, "conv_head", "bn1", 1), GlobalAveragePooling2D()]
    if dropout:
        layers.append(Dropout(dropout))
    return Sequential((*layers, Dense(classes, output_activation, name="fc")))


def _convolution(
    filters: int | None,
    name: str,
    normalization: str,
    size: int = 3,
    stride: int = 1,
    activation: str | None = "relu6",
) -> list[Layer]:
    """A convolution, normalized and activated; without `filters`, of each channel."""
    convolution: Layer
    if filters is None:
        convolution = DepthwiseConv2D(size, strides=stride, padding="same", use_bias=False,
                                      depthwise_initializer="he_normal", name=name)  # fmt: skip
    else:
        convolution = Conv2D(filters, size, strides=stride, padding="same", use_bias=False,
                             kernel_initializer="he_normal", name=name)  # fmt: skip
    layers: list[Layer] = [convolution, BatchNormalization(name=normalization)]
    return [*layers, Activation(activation)] if activation else layers
