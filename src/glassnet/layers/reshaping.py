"""Layers that only rearrange or repeat values."""

import math
from dataclasses import InitVar, dataclass, field
from typing import Any, ClassVar

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import register
from glassnet.core.trees import Tree
from glassnet.layers.base import Layer, Shape
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.windows import require_channels_last
from glassnet.ops import Pullback


class _Reshaping(Layer):
    """The base class of layers that change the shape of an example, not the order of its values."""

    rearranges: ClassVar[bool] = True
    keeps_probabilities: ClassVar[bool] = True

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        def pullback(dy: Array) -> tuple[Array, Tree]:
            return dy.reshape(x.shape), {}

        return x.reshape(x.shape[0], *self.output_shape(x.shape[1:])), pullback


@register("layer")
@dataclass(frozen=True)
class Flatten(_Reshaping):
    """y[i] = all values of x[i] in one row.   x (N, ...) -> y (N, n)."""

    data_format: InitVar[str | None] = field(default="channels_last", kw_only=True)

    def __post_init__(self, data_format: str | None) -> None:  # type: ignore[override]
        require_channels_last(data_format, "Flatten")

    def output_shape(self, shape: Shape) -> Shape:
        return (math.prod(shape),)


@register("layer")
@dataclass(frozen=True)
class Reshape(_Reshaping):
    """y[i] = the values of x[i], in order, in `target_shape`, where one -1 or None is inferred."""

    target_shape: tuple[int | None, ...]

    def __post_init__(self) -> None:
        target = self.target_shape
        axes: tuple[Any, ...] = tuple(target) if isinstance(target, tuple | list) else (target,)
        shape = tuple(-1 if n is None else n for n in axes)
        if shape.count(-1) > 1:
            raise GlassnetError(f"{shape} has more than one -1.", where="Reshape")
        checked = (n if n == -1 else whole_number(n, "Reshape: target_shape", 1) for n in shape)
        object.__setattr__(self, "target_shape", tuple(checked))

    def output_shape(self, shape: Shape) -> Shape:
        size = math.prod(shape)
        layer: Any = self
        fixed = math.prod(n for n in layer.target_shape if n != -1)
        target = tuple(size // fixed if n == -1 else n for n in layer.target_shape)
        if math.prod(target) != size:
            raise GlassnetError(
                f"{size} values do not fit into {self.target_shape}.",
                where="Reshape",
                fix=f"Give axes whose lengths multiply to {size}; one may be -1.",
            )
        return target


@register("layer")
@dataclass(frozen=True)
class Permute(Layer):
    """The axes of an example in another order: axis i of y is axis `dims[i]` of x, from 1."""

    dims: tuple[int, ...]

    rearranges: ClassVar[bool] = True
    keeps_probabilities: ClassVar[bool] = True

    def __post_init__(self) -> None:
        dims = tuple(self.dims)
        if sorted(dims) != list(range(1, len(dims) + 1)):
            raise GlassnetError(
                f"dims {dims} are not a permutation of the axes.",
                where="Permute",
                fix="Name each axis once; axis 1 is the first after the batch axis.",
            )
        object.__setattr__(self, "dims", dims)

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != len(self.dims):
            raise GlassnetError(
                f"orders {len(self.dims)} axes, but examples have {len(shape)}.",
                where="Permute",
                fix=f"Give {len(shape)} dims.",
            )
        return tuple(shape[axis - 1] for axis in self.dims)

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        xp, order = namespace(x), (0, *self.dims)

        def pullback(dy: Array) -> tuple[Array, Tree]:
            return xp.permute_dims(dy, tuple(map(order.index, range(len(order))))), {}

        return xp.permute_dims(x, order), pullback


@register("layer")
@dataclass(frozen=True)
class RepeatVector(Layer):
    """The same vector at each of n steps.   x (N, C) -> y (N, n, C)."""

    n: int

    keeps_probabilities: ClassVar[bool] = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", whole_number(self.n, "RepeatVector: n", 1))

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 1:
            raise GlassnetError(
                "needs examples that are vectors.", where="RepeatVector", fix="Add Flatten() first."
            )
        return (self.n, *shape)

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        def pullback(dy: Array) -> tuple[Array, Tree]:
            return dy.sum(axis=1), {}

        return namespace(x).repeat(x[:, None, :], self.n, axis=1), pullback
