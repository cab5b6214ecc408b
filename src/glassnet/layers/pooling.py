"""Pooling layers, over windows or over all positions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.base import Layer, Shape, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.windows import Windows, lengths_of
from glassnet.ops import Pullback, pooling


@dataclass(frozen=True)
class Pooling(Layer):
    """Pooling over windows of `pool_size`, `strides` apart; by default, side by side."""

    pool_size: int | tuple[int, ...] = 2
    strides: int | tuple[int, ...] | None = None
    padding: str = "valid"

    rank: ClassVar[int]
    op: ClassVar[Callable[..., Any]]

    def __post_init__(self) -> None:
        strides = self.pool_size if self.strides is None else self.strides
        windows = Windows.checked(
            type(self).__name__,
            self.rank,
            self.padding,
            pool_size=self.pool_size,
            strides=strides,
            dilation_rate=1,
        )
        object.__setattr__(self, "pool_size", windows.size)
        object.__setattr__(self, "strides", windows.strides)

    @property
    def windows(self) -> Windows:
        """The windows that are pooled."""
        layer: Any = self
        return Windows(layer.pool_size, layer.strides, (1,) * self.rank, self.padding)

    def output_shape(self, shape: Shape) -> Shape:
        return (*self.windows.counts(shape, type(self).__name__), shape[-1])

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        windows = self.windows
        y, back = type(self).op(x, windows.size, windows.strides, windows.widths(x.shape[1:-1]))
        return y, weightless(back)


@register("layer")
@dataclass(frozen=True)
class MaxPooling1D(Pooling):
    """The largest value of each channel in each window.   x (N, steps, C) -> (N, steps', C)."""

    rank: ClassVar[int] = 1
    picks_largest: ClassVar[bool] = True
    op: ClassVar[Callable[..., Any]] = staticmethod(pooling.max_pooling)


@register("layer")
@dataclass(frozen=True)
class MaxPooling2D(Pooling):
    """The largest value of each channel in each window.   x (N, H, W, C) -> (N, H', W', C)."""

    rank: ClassVar[int] = 2
    picks_largest: ClassVar[bool] = True
    op: ClassVar[Callable[..., Any]] = staticmethod(pooling.max_pooling)


@register("layer")
@dataclass(frozen=True)
class AveragePooling1D(Pooling):
    """The mean of each channel in each window.   x (N, steps, C) -> (N, steps', C)."""

    rank: ClassVar[int] = 1
    keeps_probabilities: ClassVar[bool] = True
    op: ClassVar[Callable[..., Any]] = staticmethod(pooling.average_pooling)


@register("layer")
@dataclass(frozen=True)
class AveragePooling2D(Pooling):
    """The mean of each channel in each window.   x (N, H, W, C) -> (N, H', W', C)."""

    rank: ClassVar[int] = 2
    keeps_probabilities: ClassVar[bool] = True
    op: ClassVar[Callable[..., Any]] = staticmethod(pooling.average_pooling)


@dataclass(frozen=True)
class GlobalPooling(Layer):
    """One value per channel; `keepdims` keeps the axes of the positions, with length 1."""

    keepdims: bool = False

    rank: ClassVar[int]

    def output_shape(self, shape: Shape) -> Shape:
        lengths = lengths_of(shape, self.rank, type(self).__name__)
        return ((1,) * len(lengths) if self.keepdims else ()) + (shape[-1],)


@register("layer")
@dataclass(frozen=True)
class GlobalAveragePooling1D(GlobalPooling):
    """The mean of each channel over all steps that are not padding.   x (N, steps, C) -> (N, C)."""

    rank: ClassVar[int] = 1
    keeps_probabilities: ClassVar[bool] = True

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = pooling.global_average_pooling(x, context.mask, self.keepdims)
        return y, weightless(back)


@register("layer")
@dataclass(frozen=True)
class GlobalAveragePooling2D(GlobalPooling):
    """The mean of each channel over all pixels.   x (N, H, W, C) -> (N, C).

    Source: Lin et al. 2013, "Network in network".
    """

    rank: ClassVar[int] = 2
    keeps_probabilities: ClassVar[bool] = True

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = pooling.global_average_pooling(x, keepdims=self.keepdims)
        return y, weightless(back)


@dataclass(frozen=True)
class GlobalMaxPooling(GlobalPooling):
    """The largest value of each channel over all positions."""

    picks_largest: ClassVar[bool] = True

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = pooling.global_max_pooling(x, self.keepdims)
        return y, weightless(back)


@register("layer")
@dataclass(frozen=True)
class GlobalMaxPooling1D(GlobalMaxPooling):
    """The largest value of each channel over all steps.   x (N, steps, C) -> (N, C)."""

    rank: ClassVar[int] = 1


@register("layer")
@dataclass(frozen=True)
class GlobalMaxPooling2D(GlobalMaxPooling):
    """The largest value of each channel over all pixels.   x (N, H, W, C) -> (N, C)."""

    rank: ClassVar[int] = 2
