"""DepthwiseConv2D and SeparableConv2D, which convolve features channel separately."""

import math
from dataclasses import dataclass, field

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


@register("layer")
@dataclass(frozen=True)
class DepthwiseConv2D(Convolving):
    """Each channel convolved with its own `depth_multiplier` kernels.

    x (N, H, W, C), kernel (height, width, C, depth_multiplier) -> y (N, H', W', C ·
    depth_multiplier). Source: Chollet 2017, "Xception". Unlike in Keras, whose fans are C times as
    large, initializers count the inputs of one output: height · width.
    """

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

    def output_shape(self, shape: Shape) -> Shape:
        counts = self.windows.counts(shape, "DepthwiseConv2D")
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


@register("layer")
@dataclass(frozen=True)
class SeparableConv2D(Convolving):
    """A depthwise convolution, then a 1×1 convolution that mixes the channels.

    x (N, H, W, C), depthwise_kernel (height, width, C, depth_multiplier), pointwise_kernel (1, 1,
    C · depth_multiplier, filters) -> y (N, H', W', filters). Source: Sifre 2014; Chollet 2017. The
    depthwise kernel is initialized as that of `DepthwiseConv2D`, with the fans of one channel.
    """

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

    def output_shape(self, shape: Shape) -> Shape:
        return (*self.windows.counts(shape, "SeparableConv2D"), self.filters)

    def weights(self, shape: Shape) -> Tree:
        depthwise = (*self.windows.size, shape[-1], self.depth_multiplier)
        draw = Separate(get(self.depthwise_initializer), shape[-1], axis=-2)
        pointwise = (1, 1, shape[-1] * self.depth_multiplier, self.filters)
        kernels = {
            "depthwise_kernel": weight(self, "depthwise", depthwise, draw),
            "pointwise_kernel": weight(self, "pointwise", pointwise),
        }
        return with_bias(self, kernels, (self.filters,))

    def largest_product(self, shape: Shape) -> int:
        mixed = (
            int(shape[-1]) * self.depth_multiplier
        )  # pointwise; the depthwise part is not a product
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
            features, params["pointwise_kernel"], params.get("bias"), (1, 1), (1, 1)
        )

        def back(dz: Array) -> tuple[Array, ...]:
            dfeatures, *dpointwise = back_pointwise(dz)
            return (*back_depthwise(dfeatures), *dpointwise)

        names = ("depthwise_kernel", "pointwise_kernel", "bias")
        return self.activated(z, back, back_pad, names)
