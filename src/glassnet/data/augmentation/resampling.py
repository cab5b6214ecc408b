"""Rotation and zoom, by bilinear resampling."""

from dataclasses import KW_ONLY, dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import register
from glassnet.data.augmentation.base import ImageAugmentation, set_number, set_range
from glassnet.ops.draws import Table, levels, pick
from glassnet.ops.random import fold

_BITS = 16  # fractional bits of a matrix entry
_LARGEST = 4096  # pixels a side, so that products with entries up to 2 fit in 32 bits


@dataclass(frozen=True)
class _Resampling(ImageAugmentation):
    """Images resampled at other positions; pixels from outside are `fill_value`."""

    _: KW_ONLY
    fill_value: float = 0.0

    def __post_init__(self) -> None:
        set_number(self, "fill_value")

    def check(self, shape: tuple[Any, ...]) -> None:
        super().check(shape)
        if max(shape[:2]) > _LARGEST:
            raise GlassnetError(
                f"takes images of at most {_LARGEST} pixels a side, got {shape[0]}×{shape[1]}.",
                where=type(self).__name__,
            )

    def matrices(self, key: Array, count: int) -> Array:
        """Return the matrix of each image's sampling positions: (count, 2, 2) int32, in 2⁻¹⁶."""
        raise NotImplementedError

    def inputs(self, x: Array, key: Array) -> Array:
        return resample(x, self.matrices(key, len(x)), self.fill_value)


@register("augmentation", "rotation")
@dataclass(frozen=True)
class RandomRotation(_Resampling):
    """Rotate each image around its center, counterclockwise, by an angle in `factor` · 360°."""

    factor: float | tuple[float, float] = 0.03

    def __post_init__(self) -> None:
        super().__post_init__()
        set_range(self, "factor", -1, 1)

    def matrices(self, key: Array, count: int) -> Array:
        return pick(key, count, _rotations(self.factor))


@register("augmentation", "zoom")
@dataclass(frozen=True)
class RandomZoom(_Resampling):
    """Sample each image at 1 + f times the distance from its center, f drawn from the factors.

    So a positive f zooms out, as in Keras; without a `width_factor`, both axes share the same f.
    """

    height_factor: float | tuple[float, float] = 0.1
    width_factor: float | tuple[float, float] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        set_range(self, "height_factor", -1, 1)
        if self.width_factor is not None:
            set_range(self, "width_factor", -1, 1)

    def matrices(self, key: Array, count: int) -> Array:
        if self.width_factor is None:
            return pick(key, count, _zooms(self.height_factor, (1, 1)))
        height = pick(fold(key, 0), count, _zooms(self.height_factor, (1, 0)))
        return height + pick(fold(key, 1), count, _zooms(self.width_factor, (0, 1)))


def resample(x: Array, matrices: Array, fill_value: float) -> Array:
    """y[n, r] = x[n, M r], r = (row, column) from the center, interpolated bilinearly.

    The position M r is a multiple of 2⁻¹⁷ pixels, so that its floor is the same in any library.
    """
    xp = namespace(x)
    n, height, width, *rest = x.shape
    i, j = (2 * xp.arange(size, dtype=xp.int32) - (size - 1) for size in (height, width))
    m = matrices[:, :, :, None, None]  # i, j count half pixels, hence one more bit
    rows, down = _floor(m[:, 0, 0] * i[:, None] + m[:, 0, 1] * j, height, x)
    columns, across = _floor(m[:, 1, 0] * i[:, None] + m[:, 1, 1] * j, width, x)

    edges = ((0, 0), (1, 2), (1, 2), *((0, 0),) * len(rest))
    padded = xp.pad(x, edges, constant_values=fill_value)
    line = width + 3
    index = xp.arange(n)[:, None, None] * ((height + 3) * line) + rows * line + columns
    pixels = padded.reshape(-1, *rest)

    def blend(start: Array, end: Array, share: Array) -> Array:
        return start + (end - start) * share.reshape(*share.shape, *(1,) * len(rest))

    def read(step: int) -> Array:
        return xp.take(pixels, index + step, axis=0, mode="clip")

    upper = blend(read(0), read(1), across)
    lower = blend(read(line), read(line + 1), across)
    return blend(upper, lower, down)


def _floor(from_center: Array, size: int, x: Array) -> tuple[Array, Array]:
    """Return the pixel before a position, in the padded image, and the fraction beyond it."""
    xp, one = namespace(x), 1 << (_BITS + 1)
    position = xp.clip(from_center + (size - 1) * (one // 2), -one, size * one) + one
    return position >> (_BITS + 1), xp.astype(position & (one - 1), x.dtype) * (1 / one)


@lru_cache(64)
def _rotations(factor: tuple[float, float]) -> Table:
    angles = 2 * np.pi * levels(*factor)
    cos, sin = np.cos(angles), np.sin(angles)
    return _fixed(np.stack([np.stack([cos, sin], 1), np.stack([-sin, cos], 1)], 1))


@lru_cache(64)
def _zooms(factor: tuple[float, float], axes: tuple[int, int]) -> Table:
    return _fixed((1 + levels(*factor))[:, None, None] * np.diag(axes))


def _fixed(values: Table) -> Table:
    return np.round(values * (1 << _BITS)).astype(np.int32)
