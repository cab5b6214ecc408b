"""Pooling layers, over windows, over equal parts or over all positions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.base import Shape, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.windows import Spatial, Windows, lengths_of, whole_numbers
from glassnet.ops import Pullback, pooling


@dataclass(frozen=True)
class Pooling(Spatial):
    """Pooling over windows of `pool_size`, `strides` apart; by default, side by side."""

    pool_size: int | tuple[int, ...] = 2
    strides: int | tuple[int, ...] | None = None
    padding: str = "valid"

    op: ClassVar[Callable[..., Any]]

    def __post_init__(self, data_format: str | None) -> None:
        super().__post_init__(data_format)
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
        object.__setattr__(self, "padding", windows.padding)

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


@dataclass(frozen=True)
class MaxPooling(Pooling):
    """The largest value of each channel in each window."""

    picks_largest: ClassVar[bool] = True
    op: ClassVar[Callable[..., Any]] = staticmethod(pooling.max_pooling)


@dataclass(frozen=True)
class AveragePooling(Pooling):
    """The mean of each channel in each window, without padding."""

    keeps_probabilities: ClassVar[bool] = True
    op: ClassVar[Callable[..., Any]] = staticmethod(pooling.average_pooling)


@dataclass(frozen=True)
class AdaptivePooling(Spatial):
    """Pooling over `output_size` parts of each axis, as equal in length as possible."""

    output_size: int | tuple[int, ...]

    op: ClassVar[Callable[..., Any]]

    def __post_init__(self, data_format: str | None) -> None:
        super().__post_init__(data_format)
        sizes = whole_numbers(self.output_size, self.rank, f"{type(self).__name__}: output_size")
        object.__setattr__(self, "output_size", sizes)

    def output_shape(self, shape: Shape) -> Shape:
        lengths_of(shape, self.rank, type(self).__name__)
        layer: Any = self
        return (*layer.output_size, shape[-1])

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = type(self).op(x, self.output_size)
        return y, weightless(back)


@dataclass(frozen=True)
class AdaptiveMaxPooling(AdaptivePooling):
    """The largest value of each channel in each part."""

    picks_largest: ClassVar[bool] = True
    op: ClassVar[Callable[..., Any]] = staticmethod(pooling.adaptive_max_pooling)


@dataclass(frozen=True)
class AdaptiveAveragePooling(AdaptivePooling):
    """The mean of each channel in each part."""

    keeps_probabilities: ClassVar[bool] = True
    op: ClassVar[Callable[..., Any]] = staticmethod(pooling.adaptive_average_pooling)


@dataclass(frozen=True)
class GlobalPooling(Spatial):
    """One value per channel; `keepdims` keeps the axes of the positions, with length 1."""

    keepdims: bool = False

    def output_shape(self, shape: Shape) -> Shape:
        lengths = lengths_of(shape, self.rank, type(self).__name__)
        return ((1,) * len(lengths) if self.keepdims else ()) + (shape[-1],)


@dataclass(frozen=True)
class GlobalAveragePooling(GlobalPooling):
    """The mean of each channel over all positions, or over all steps that are not padding."""

    keeps_probabilities: ClassVar[bool] = True

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        mask = context.mask if self.rank == 1 else None
        y, back = pooling.global_average_pooling(x, mask, self.keepdims)
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
class MaxPooling1D(MaxPooling):
    """The largest value of each channel in each window.   x (N, steps, C) -> (N, steps', C)."""

    rank: ClassVar[int] = 1


@register("layer")
@dataclass(frozen=True)
class MaxPooling2D(MaxPooling):
    """The largest value of each channel in each window.   x (N, H, W, C) -> (N, H', W', C)."""

    rank: ClassVar[int] = 2


@register("layer")
@dataclass(frozen=True)
class MaxPooling3D(MaxPooling):
    """The largest value of each channel in each window.

    x (N, D, H, W, C) -> (N, D', H', W', C).
    """

    rank: ClassVar[int] = 3


@register("layer")
@dataclass(frozen=True)
class AveragePooling1D(AveragePooling):
    """The mean of each channel in each window.   x (N, steps, C) -> (N, steps', C)."""

    rank: ClassVar[int] = 1


@register("layer")
@dataclass(frozen=True)
class AveragePooling2D(AveragePooling):
    """The mean of each channel in each window.   x (N, H, W, C) -> (N, H', W', C)."""

    rank: ClassVar[int] = 2


@register("layer")
@dataclass(frozen=True)
class AveragePooling3D(AveragePooling):
    """The mean of each channel in each window.   x (N, D, H, W, C) -> (N, D', H', W', C)."""

    rank: ClassVar[int] = 3


@register("layer")
@dataclass(frozen=True)
class AdaptiveMaxPooling1D(AdaptiveMaxPooling):
    """The largest value of each channel in each part of the steps.

    x (N, steps, C) -> (N, size, C).
    """

    rank: ClassVar[int] = 1


@register("layer")
@dataclass(frozen=True)
class AdaptiveMaxPooling2D(AdaptiveMaxPooling):
    """The largest value of each channel in each part of the pixels.

    x (N, H, W, C) -> (N, *size, C).
    """

    rank: ClassVar[int] = 2


@register("layer")
@dataclass(frozen=True)
class AdaptiveMaxPooling3D(AdaptiveMaxPooling):
    """The largest value of each channel in each part of the voxels.

    x (N, D, H, W, C) -> (N, *size, C).
    """

    rank: ClassVar[int] = 3


@register("layer")
@dataclass(frozen=True)
class AdaptiveAveragePooling1D(AdaptiveAveragePooling):
    """The mean of each channel in each part of the steps.   x (N, steps, C) -> (N, size, C)."""

    rank: ClassVar[int] = 1


@register("layer")
@dataclass(frozen=True)
class AdaptiveAveragePooling2D(AdaptiveAveragePooling):
    """The mean of each channel in each part of the pixels.   x (N, H, W, C) -> (N, *size, C)."""

    rank: ClassVar[int] = 2


@register("layer")
@dataclass(frozen=True)
class AdaptiveAveragePooling3D(AdaptiveAveragePooling):
    """The mean of each channel in each part of the voxels.

    x (N, D, H, W, C) -> (N, *size, C).
    """

    rank: ClassVar[int] = 3


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


@register("layer")
@dataclass(frozen=True)
class GlobalMaxPooling3D(GlobalMaxPooling):
    """The largest value of each channel over all voxels.   x (N, D, H, W, C) -> (N, C)."""

    rank: ClassVar[int] = 3


@register("layer")
@dataclass(frozen=True)
class GlobalAveragePooling1D(GlobalAveragePooling):
    """The mean of each channel over all steps that are not padding.

    x (N, steps, C) -> (N, C).
    """

    ends_mask: ClassVar[bool] = True
    rank: ClassVar[int] = 1


@register("layer")
@dataclass(frozen=True)
class GlobalAveragePooling2D(GlobalAveragePooling):
    """The mean of each channel over all pixels.   x (N, H, W, C) -> (N, C).

    Source: Lin et al. 2013, "Network in network".
    """

    rank: ClassVar[int] = 2


@register("layer")
@dataclass(frozen=True)
class GlobalAveragePooling3D(GlobalAveragePooling):
    """The mean of each channel over all voxels.   x (N, D, H, W, C) -> (N, C)."""

    rank: ClassVar[int] = 3
