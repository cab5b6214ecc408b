"""Depthwise and separable convolutions, which convolve each channel separately.

Unlike in Keras, whose fans are C times as large, initializers count the inputs of one output of a
depthwise kernel: the product of its sizes.
"""

import math
from dataclasses import dataclass, field
from typing import ClassVar

from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.activation import ActivationLike
from glassnet.layers.base import Shape
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.constraints import ConstraintLike
from glassnet.layers.convolution import Convolving
from glassnet.layers.initializers import InitializerLike, Separate, get
from glassnet.layers.regularizers import RegularizerLike
from glassnet.layers.weights import weight, with_bias
from glassnet.ops import Pullback
from glassnet.ops.convolution import convolution, depthwise_convolution


@dataclass(frozen=True)
class DepthwiseConvolution(Convolving):
    """Each channel convolved with its own `depth_multiplier` kernels, for any rank."""

    kernel_size: int | tuple[int, ...]
    strides: int | tuple[int, ...] = 1
    padding: str = "valid"
    depth_multiplier: int = 1
    dilation_rate: int | tuple[int, ...] = 1
    activation: ActivationLike = None
    use_bias: bool = True
    depthwise_initializer: InitializerLike = "glorot_uniform"
    bias_initializer: InitializerLike = "zeros"
    depthwise_regularizer: RegularizerLike = None
    depthwise_constraint: ConstraintLike = field(default=None, kw_only=True)
    bias_constraint: ConstraintLike = field(default=None, kw_only=True)
    bias_regularizer: RegularizerLike = field(default=None, kw_only=True)

    dilated_strides: ClassVar[bool] = True

    def output_shape(self, shape: Shape) -> Shape:
        counts = self.windows.counts(shape, type(self).__name__)
        return (*counts, shape[-1] * self.depth_multiplier)

    def weights(self, shape: Shape) -> Tree:
        depthwise = (*self.windows.size, shape[-1], self.depth_multiplier)
        draw = Separate(get(self.depthwise_initializer), shape[-1], axis=-2)
        kernels = {"kernel": weight(self, "depthwise", depthwise, draw)}
        return with_bias(self, kernels, (shape[-1] * self.depth_multiplier,))

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        windows = self.windows
        padded, back_pad = self.padded(x)
        z, back = depthwise_convolution(
            padded, params["kernel"], params.get("bias"), windows.strides, windows.dilation
        )
        return self.activated(z, back, back_pad)


@dataclass(frozen=True)
class SeparableConvolution(Convolving):
    """A depthwise convolution, then one of single positions that mixes the channels."""

    filters: int
    kernel_size: int | tuple[int, ...]
    strides: int | tuple[int, ...] = 1
    padding: str = "valid"
    dilation_rate: int | tuple[int, ...] = 1
    depth_multiplier: int = 1
    activation: ActivationLike = None
    use_bias: bool = True
    depthwise_initializer: InitializerLike = "glorot_uniform"
    pointwise_initializer: InitializerLike = "glorot_uniform"
    bias_initializer: InitializerLike = "zeros"
    depthwise_regularizer: RegularizerLike = None
    pointwise_regularizer: RegularizerLike = None
    depthwise_constraint: ConstraintLike = field(default=None, kw_only=True)
    pointwise_constraint: ConstraintLike = field(default=None, kw_only=True)
    bias_constraint: ConstraintLike = field(default=None, kw_only=True)
    bias_regularizer: RegularizerLike = field(default=None, kw_only=True)

    dilated_strides: ClassVar[bool] = True

    def output_shape(self, shape: Shape) -> Shape:
        return (*self.windows.counts(shape, type(self).__name__), self.filters)

    def weights(self, shape: Shape) -> Tree:
        depthwise = (*self.windows.size, shape[-1], self.depth_multiplier)
        draw = Separate(get(self.depthwise_initializer), shape[-1], axis=-2)
        pointwise = (*self._single, shape[-1] * self.depth_multiplier, self.filters)
        kernels = {
            "depthwise_kernel": weight(self, "depthwise", depthwise, draw),
            "pointwise_kernel": weight(self, "pointwise", pointwise),
        }
        return with_bias(self, kernels, (self.filters,))

    def largest_product(self, shape: Shape) -> int:
        # The pointwise part: the depthwise part is not a product.
        mixed = int(shape[-1]) * self.depth_multiplier
        return math.prod(self.output_shape(shape)) * mixed

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        windows = self.windows
        padded, back_pad = self.padded(x)
        features, back_depthwise = depthwise_convolution(
            padded, params["depthwise_kernel"], None, windows.strides, windows.dilation
        )
        z, back_pointwise = convolution(
            features, params["pointwise_kernel"], params.get("bias"), self._single, self._single
        )

        def back(dz: Array) -> tuple[Array, ...]:
            dfeatures, *dpointwise = back_pointwise(dz)
            return (*back_depthwise(dfeatures), *dpointwise)

        names = ("depthwise_kernel", "pointwise_kernel", "bias")
        return self.activated(z, back, back_pad, names)

    @property
    def _single(self) -> tuple[int, ...]:
        """The window of one position."""
        return (1,) * self.rank


@register("layer")
@dataclass(frozen=True)
class DepthwiseConv1D(DepthwiseConvolution):
    """Each channel convolved with its own `depth_multiplier` kernels, over steps.

    x (N, steps, C), kernel (size, C, depth_multiplier) -> y (N, steps', C · depth_multiplier).
    """

    rank: ClassVar[int] = 1


@register("layer")
@dataclass(frozen=True)
class DepthwiseConv2D(DepthwiseConvolution):
    """Each channel convolved with its own `depth_multiplier` kernels, over pixels.

    x (N, H, W, C), kernel (height, width, C, depth_multiplier) -> y (N, H', W', C ·
    depth_multiplier). Source: Chollet 2017, "Xception".
    """

    rank: ClassVar[int] = 2


@register("layer")
@dataclass(frozen=True)
class SeparableConv1D(SeparableConvolution):
    """A depthwise convolution over steps, then one of size 1 that mixes the channels.

    x (N, steps, C), depthwise_kernel (size, C, depth_multiplier), pointwise_kernel (1, C ·
    depth_multiplier, filters) -> y (N, steps', filters).
    """

    rank: ClassVar[int] = 1


@register("layer")
@dataclass(frozen=True)
class SeparableConv2D(SeparableConvolution):
    """A depthwise convolution over pixels, then a 1×1 convolution that mixes the channels.

    x (N, H, W, C), depthwise_kernel (height, width, C, depth_multiplier), pointwise_kernel (1, 1,
    C · depth_multiplier, filters) -> y (N, H', W', filters). Source: Sifre 2014; Chollet 2017.
    """

    rank: ClassVar[int] = 2
