"""Transposed convolutions, which enlarge sequences, images and volumes."""

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import added, register
from glassnet.core.trees import Array, Tree
from glassnet.layers.activation import ActivationLike
from glassnet.layers.base import Shape
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.constraints import ConstraintLike
from glassnet.layers.convolution import Convolving
from glassnet.layers.initializers import InitializerLike, Transposed, get
from glassnet.layers.regularizers import RegularizerLike
from glassnet.layers.weights import weight, with_bias
from glassnet.layers.windows import lengths_of, whole_numbers
from glassnet.ops import Pullback
from glassnet.ops.convolution import transposed_convolution
from glassnet.ops.padding import Widths
from glassnet.ops.windows import Sizes, reach


@dataclass(frozen=True)
class TransposedConvolution(Convolving):
    """The adjoint of a convolution, from the shape of its outputs to that of its inputs.

    A length n becomes n · stride if padding is "same", (n − 1) · stride + max(reach, stride) if
    "valid". With `output_padding`, it becomes (n − 1) · stride + output_padding plus 1 or 0 (the
    parity of the reach) if "same", plus the reach if "valid". Source: Zeiler et al. 2010. Unlike
    in Keras, which takes the filters for the inputs, initializers count fan in as ∏ size · C and
    fan out as ∏ size · filters.
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
    output_padding: int | tuple[int, ...] | None = added(None, kw_only=True)

    def __post_init__(self, data_format: str | None) -> None:
        super().__post_init__(data_format)
        if self.output_padding is None:
            return
        name = f"{type(self).__name__}: output_padding"
        added = whole_numbers(self.output_padding, self.rank, name, 0)
        if any(n >= stride for n, stride in zip(added, self.windows.strides, strict=True)):
            raise GlassnetError(
                f"is {added}, but strides are {self.windows.strides}.",
                where=name,
                fix="Each must be smaller than the stride of its axis, as in Keras.",
            )
        object.__setattr__(self, "output_padding", added)

    def output_shape(self, shape: Shape) -> Shape:
        lengths = lengths_of(shape, self.rank, type(self).__name__)
        axes = zip(lengths, self.windows.strides, self._spans(), self._widths(), strict=True)
        outputs = tuple((n - 1) * s + span + b + a for n, s, span, (b, a) in axes)
        if min(outputs) < 1:
            raise GlassnetError(
                "crops everything.", where=type(self).__name__, fix="Use more output_padding."
            )
        return (*outputs, self.filters)

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

    @property
    def shortened(self) -> tuple[bool, ...]:
        """Of each axis, whether a convolution of the output would give fewer positions."""
        added = zip(self._spans(), self._widths(), strict=True)
        return tuple(span + before + after < 1 for span, (before, after) in added)

    def _widths(self) -> Widths:
        """The widths to crop or add; if the overlap is odd, one more is cropped at the end."""
        layer: Any = self
        added = layer.output_padding or (None,) * self.rank
        axes = zip(self._spans(), self.windows.strides, added, strict=True)
        if self.padding == "valid":
            return tuple((0, max(s - span, 0) if n is None else n) for span, s, n in axes)
        cuts = (span - s if n is None else span - span % 2 - n for span, s, n in axes)
        return tuple((-(max(cut, 0) // 2), max(cut, 0) // 2 - cut) for cut in cuts)


@register("layer")
@dataclass(frozen=True)
class Conv1DTranspose(TransposedConvolution):
    """The adjoint of a Conv1D.   x (N, steps, C), kernel (size, filters, C) -> y (N, steps',
    filters).
    """

    rank: ClassVar[int] = 1


@register("layer")
@dataclass(frozen=True)
class Conv2DTranspose(TransposedConvolution):
    """The adjoint of a Conv2D.   x (N, H, W, C), kernel (height, width, filters, C) -> y (N, H',
    W', filters).
    """

    rank: ClassVar[int] = 2


@register("layer")
@dataclass(frozen=True)
class Conv3DTranspose(TransposedConvolution):
    """The adjoint of a Conv3D.   x (N, D, H, W, C), kernel (depth, height, width, filters, C) ->
    y (N, D', H', W', filters).
    """

    rank: ClassVar[int] = 3
