"""Convolutional layers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.activation import activation_op
from glassnet.layers.base import Layer, Shape
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.constraints import Constraint
from glassnet.layers.initializers import Initializer
from glassnet.layers.regularizers import L1L2
from glassnet.layers.weights import check_weights, weight, with_bias
from glassnet.layers.windows import Windows
from glassnet.ops import Pullback
from glassnet.ops.convolution import convolution, grouped_convolution
from glassnet.ops.padding import pad


@dataclass(frozen=True)
class Convolution(Layer):
    """Of any rank: y = activation(convolution of the padded x with the kernel + bias)."""

    filters: int
    kernel_size: int | tuple[int, ...]
    strides: int | tuple[int, ...] = 1
    padding: str = "valid"
    dilation_rate: int | tuple[int, ...] = 1
    groups: int = 1
    activation: str | None = None
    use_bias: bool = True
    kernel_initializer: str | Initializer = "glorot_uniform"
    bias_initializer: str | Initializer = "zeros"
    kernel_regularizer: str | L1L2 | None = None
    kernel_constraint: str | Constraint | None = field(default=None, kw_only=True)
    bias_constraint: str | Constraint | None = field(default=None, kw_only=True)
    bias_regularizer: str | L1L2 | None = field(default=None, kw_only=True)

    learns: ClassVar[bool] = True
    rank: ClassVar[int]

    def __post_init__(self) -> None:
        check_convolution(self, self.rank, causal=self.rank == 1)
        if self.filters % self.groups:
            raise GlassnetError(
                f"{self.filters} filters can't be parted into {self.groups} groups.",
                where=type(self).__name__,
                fix="Choose groups that divide the filters.",
            )

    def output_shape(self, shape: Shape) -> Shape:
        where = type(self).__name__
        made = windows_of(self).counts(shape, where)
        if shape[-1] % self.groups:
            raise GlassnetError(
                f"{shape[-1]} channels can't be parted into {self.groups} groups.",
                where=where,
                fix="Choose groups that divide the channels.",
            )
        return (*made, self.filters)

    def weights(self, shape: Shape) -> Tree:
        shape = (*windows_of(self).size, shape[-1] // self.groups, self.filters)
        return with_bias(self, {"kernel": weight(self, "kernel", shape)}, (self.filters,))

    def largest_product(self, shape: Shape) -> int:
        size = math.prod(windows_of(self).size)
        return math.prod(self.output_shape(shape)) * size * int(shape[-1])

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        windows = windows_of(self)
        padded, back_pad = pad(x, windows.widths(x.shape[1:-1]))
        given = (padded, params["kernel"], params.get("bias"), windows.strides, windows.dilation)
        if self.groups == 1:
            z, back = convolution(*given, context.wrt_x)
        else:
            z, back = grouped_convolution(*given, self.groups, context.wrt_x)
        return activated(self.activation, z, back, back_pad)


@register("layer")
@dataclass(frozen=True)
class Conv1D(Convolution):
    """A convolution over steps.   x (N, steps, C), kernel (size, C / groups, filters).

    With padding "causal" no output looks ahead of its step. As in Keras, a padding mask ends here.
    Source: van den Oord et al. 2016.
    """

    rank: ClassVar[int] = 1


@register("layer")
@dataclass(frozen=True)
class Conv2D(Convolution):
    """A convolution over pixels.   x (N, H, W, C), kernel (height, width, C / groups, filters).

    Source: LeCun et al. 1989, "Backpropagation applied to handwritten zip code recognition".
    """

    rank: ClassVar[int] = 2


def check_convolution(layer: Any, rank: int, causal: bool = False) -> None:
    """Check the arguments of a convolutional layer, and write them in their canonical form."""
    where = type(layer).__name__
    windows = Windows.checked(
        where,
        rank,
        layer.padding,
        causal=causal,
        kernel_size=layer.kernel_size,
        strides=layer.strides,
        dilation_rate=layer.dilation_rate,
    )
    canonical: dict[str, Any] = {
        "kernel_size": windows.size,
        "strides": windows.strides,
        "dilation_rate": windows.dilation,
    }
    activation_op(layer.activation, where=where)
    check_weights(layer)
    for name in ("filters", "groups", "depth_multiplier"):
        if hasattr(layer, name):
            canonical[name] = whole_number(getattr(layer, name), f"{where}: {name}", 1)
    for name, value in canonical.items():
        object.__setattr__(layer, name, value)


def windows_of(layer: Any) -> Windows:
    """The windows of a checked convolutional layer."""
    return Windows(layer.kernel_size, layer.strides, layer.dilation_rate, layer.padding)


def activated(
    activation: str | None,
    z: Array,
    back: Pullback,
    back_pad: Pullback,
    names: Sequence[str] = ("kernel", "bias"),
) -> tuple[Array, Pullback]:
    """activation(z) and the layer's pullback, if z is an op's value of the padded x and weights."""
    y, back_activation = activation_op(activation)(z)

    def pullback(dy: Array) -> tuple[Array | None, Tree]:
        dpadded, *grads = back(back_activation(dy))
        dx = None if dpadded is None else back_pad(dpadded)
        return dx, dict(zip(names, grads, strict=False))

    return y, pullback
