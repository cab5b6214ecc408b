"""Conv1D, Conv2D, Conv3D and the base class of all convolutional layers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.activation import ActivationLike, activation_op
from glassnet.layers.base import Shape
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.constraints import ConstraintLike
from glassnet.layers.initializers import InitializerLike
from glassnet.layers.regularizers import RegularizerLike
from glassnet.layers.weights import check_weights, weight, with_bias
from glassnet.layers.windows import Spatial, Windows
from glassnet.ops import Pullback
from glassnet.ops.convolution import convolution, grouped_convolution
from glassnet.ops.padding import pad


class Convolving(Spatial):
    """The base class of all convolutional layers: an activation of sums over windows."""

    learns: ClassVar[bool] = True
    applies_activation: ClassVar[bool] = True
    paddings: ClassVar[tuple[str, ...]] = ("valid", "same")
    dilated_strides: ClassVar[bool] = False  # strides and dilation may both be above 1

    kernel_size: Any
    strides: Any
    padding: str
    dilation_rate: Any
    activation: ActivationLike

    def __post_init__(self, data_format: str | None) -> None:
        """Check the arguments and convert them to their canonical form."""
        super().__post_init__(data_format)
        where = type(self).__name__
        windows = Windows.checked(
            where,
            self.rank,
            self.padding,
            paddings=self.paddings,
            dilated_strides=self.dilated_strides,
            kernel_size=self.kernel_size,
            strides=self.strides,
            dilation_rate=self.dilation_rate,
        )
        canonical: dict[str, Any] = {
            "kernel_size": windows.size,
            "strides": windows.strides,
            "padding": windows.padding,
            "dilation_rate": windows.dilation,
        }
        activation_op(self.activation, where=where)
        check_weights(self)
        for name in ("filters", "groups", "depth_multiplier"):
            if hasattr(self, name):
                canonical[name] = whole_number(getattr(self, name), f"{where}: {name}", 1)
        for name, value in canonical.items():
            object.__setattr__(self, name, value)

    @property
    def windows(self) -> Windows:
        """The windows that the kernel is applied to."""
        return Windows(self.kernel_size, self.strides, self.dilation_rate, self.padding)

    def padded(self, x: Array) -> tuple[Array, Pullback]:
        """Return x, padded as `padding` requires, and the pullback."""
        return pad(x, self.windows.widths(x.shape[1:-1]))

    def activated(
        self, z: Array, back: Pullback, back_pad: Pullback,
        names: Sequence[str] = ("kernel", "bias"),
    ) -> tuple[Array, Pullback]:  # fmt: skip
        """Return activation(z) and the pullback; z is an op's output for padded x and weights."""
        y, back_activation = activation_op(self.activation)(z)

        def pullback(dy: Array) -> tuple[Array | None, Tree]:
            dpadded, *grads = back(back_activation(dy))
            dx = None if dpadded is None else back_pad(dpadded)
            pairs = zip(names, grads, strict=False)
            return dx, {name: grad for name, grad in pairs if grad is not None}

        return y, pullback


@dataclass(frozen=True)
class Convolution(Convolving):
    """y = activation(convolution of the padded x with the kernel + bias), for any rank."""

    filters: int
    kernel_size: int | tuple[int, ...]
    strides: int | tuple[int, ...] = 1
    padding: str = "valid"
    dilation_rate: int | tuple[int, ...] = 1
    groups: int = 1
    activation: ActivationLike = None
    use_bias: bool = True
    kernel_initializer: InitializerLike = "glorot_uniform"
    bias_initializer: InitializerLike = "zeros"
    kernel_regularizer: RegularizerLike = None
    kernel_constraint: ConstraintLike = field(default=None, kw_only=True)
    bias_constraint: ConstraintLike = field(default=None, kw_only=True)
    bias_regularizer: RegularizerLike = field(default=None, kw_only=True)

    def __post_init__(self, data_format: str | None) -> None:
        super().__post_init__(data_format)
        if self.filters % self.groups:
            raise GlassnetError(
                f"{self.filters} filters can't be split into {self.groups} groups.",
                where=type(self).__name__,
                fix="Choose groups that divide the filters.",
            )

    def output_shape(self, shape: Shape) -> Shape:
        where = type(self).__name__
        counts = self.windows.counts(shape, where)
        if shape[-1] % self.groups:
            raise GlassnetError(
                f"{shape[-1]} channels can't be split into {self.groups} groups.",
                where=where,
                fix="Choose groups that divide the channels.",
            )
        return (*counts, self.filters)

    def weights(self, shape: Shape) -> Tree:
        shape = (*self.windows.size, shape[-1] // self.groups, self.filters)
        return with_bias(self, {"kernel": weight(self, "kernel", shape)}, (self.filters,))

    def largest_product(self, shape: Shape) -> int:
        size = math.prod(self.windows.size)
        return math.prod(self.output_shape(shape)) * size * int(shape[-1])

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        windows = self.windows
        padded, back_pad = self.padded(x)
        args = (padded, params["kernel"], params.get("bias"), windows.strides, windows.dilation)
        if self.groups == 1:
            z, back = convolution(*args, context.wrt_x, not context.frozen)
        else:
            z, back = grouped_convolution(*args, self.groups, context.wrt_x)
        return self.activated(z, back, back_pad)


@register("layer")
@dataclass(frozen=True)
class Conv1D(Convolution):
    """A convolution over steps.   x (N, steps, C), kernel (size, C / groups, filters).

    With padding "causal", no output depends on later steps. As in Keras, the mask is not passed on.
    Source: van den Oord et al. 2016.
    """

    rank: ClassVar[int] = 1
    paddings: ClassVar[tuple[str, ...]] = ("valid", "same", "causal")


@register("layer")
@dataclass(frozen=True)
class Conv2D(Convolution):
    """A convolution over pixels.   x (N, H, W, C), kernel (height, width, C / groups, filters).

    Source: LeCun et al. 1989, "Backpropagation applied to handwritten zip code recognition".
    """

    rank: ClassVar[int] = 2


@register("layer")
@dataclass(frozen=True)
class Conv3D(Convolution):
    """A convolution over voxels.   x (N, D, H, W, C), kernel (depth, height, width, C / groups,
    filters).

    Source: Ji et al. 2013, "3D convolutional neural networks for human action recognition".
    """

    rank: ClassVar[int] = 3
