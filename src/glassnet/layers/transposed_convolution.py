"""`Conv2DTranspose`: the transposed convolution, which enlarges images."""

import math
from dataclasses import dataclass, field

from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.activation import ActivationLike
from glassnet.layers.base import Shape
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.constraints import ConstraintLike
from glassnet.layers.convolution import Convolving
from glassnet.layers.initializers import InitializerLike, Transposed, get
from glassnet.layers.regularizers import RegularizerLike
from glassnet.layers.weights import weight, with_bias
from glassnet.layers.windows import lengths_of
from glassnet.ops import Pullback
from glassnet.ops.convolution import transposed_convolution
from glassnet.ops.padding import Widths
from glassnet.ops.windows import Sizes, reach


@register("layer")
@dataclass(frozen=True)
class Conv2DTranspose(Convolving):
    """The adjoint of a Conv2D, from the shape of its outputs to that of its inputs.

    x (N, H, W, C), kernel (height, width, filters, C) -> y (N, H', W', filters), with H' = H ·
    stride if padding is "same", (H − 1) · stride + max(reach, stride) if "valid". Source: Zeiler
    et al. 2010. Unlike in Keras, which takes the filters for the inputs, initializers count fan in
    as height · width · C and fan out as height · width · filters.
    """

    filters: int
    kernel_size: int | tuple[int, ...]
    strides: int | tuple[int, ...] = 1
    padding: str = "valid"
    dilation_rate: int | tuple[int, ...] = 1
    activation: ActivationLike = None
    use_bias: bool = True
    kernel_initializer: InitializerLike = "glorot_uniform"
    bias_initializer: InitializerLike = "zeros"
    kernel_regularizer: RegularizerLike = None
    kernel_constraint: ConstraintLike = field(default=None, kw_only=True)
    bias_constraint: ConstraintLike = field(default=None, kw_only=True)
    bias_regularizer: RegularizerLike = field(default=None, kw_only=True)

    def output_shape(self, shape: Shape) -> Shape:
        lengths = lengths_of(shape, 2, "Conv2DTranspose")
        axes = zip(lengths, self.windows.strides, self._spans(), self._widths(), strict=True)
        return (*((n - 1) * s + span + b + a for n, s, span, (b, a) in axes), self.filters)

    def weights(self, shape: Shape) -> Tree:
        shape = (*self.windows.size, self.filters, shape[-1])
        kernel = weight(self, "kernel", shape, Transposed(get(self.kernel_initializer)))
        return with_bias(self, {"kernel": kernel}, (self.filters,))

    def largest_product(self, shape: Shape) -> int:
        return math.prod(shape) * math.prod(self.windows.size) * self.filters

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        windows = self.windows
        z, back = transposed_convolution(
            x,
            params["kernel"],
            params.get("bias"),
            windows.strides,
            windows.dilation,
            self._widths(),
        )
        return self.activated(z, back, lambda dx: dx)

    def _spans(self) -> Sizes:
        windows = self.windows
        return reach(windows.size, windows.dilation)

    def _widths(self) -> Widths:
        """The widths to crop or add; if the overlap is odd, one more is cropped at the end."""
        axes = zip(self._spans(), self.windows.strides, strict=True)
        if self.padding == "valid":
            return tuple((0, max(stride - span, 0)) for span, stride in axes)
        cuts = ((max(span - stride, 0) // 2, span - stride) for span, stride in axes)
        return tuple((-before, before - cut) for before, cut in cuts)
