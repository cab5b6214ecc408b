"""The object in an image, separated from its background."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

_UNIFORM = 0.5  # of the image's contrast: a background varies less
_OBJECT = 0.15  # of the object's contrast: below this are shadow and noise
_SPECK = 0.005  # of a row or column: below this is dust


@dataclass(frozen=True, eq=False)
class Figure:
    """A bright object on a dark background: values (H, W) from 0 to 1, the background 0.

    Without a uniform background to subtract (`plain` is false), the values are the whole image.
    """

    values: np.ndarray
    plain: bool

    @cached_property
    def visible(self) -> np.ndarray:
        """True for each pixel of the object.   (H, W)"""
        return self.values > _OBJECT

    @cached_property
    def box(self) -> tuple[slice, slice] | None:
        """The rows and columns of the object, without dust; None if there is no object."""
        sides = [np.flatnonzero(self.visible.mean(axis=axis) > _SPECK) for axis in (1, 0)]
        if not all(side.size for side in sides):
            return None
        rows, columns = (slice(int(side[0]), int(side[-1]) + 1) for side in sides)
        return rows, columns


def separated(gray: np.ndarray) -> Figure:
    """Return the bright object in an image with dark edges, stretched to the full range.

    The background is the median of the edges, plus their spread.
    """
    border = edges(gray)
    background = np.median(border)
    spread = 2 * np.percentile(abs(border - background), 75) + 2
    uniform = bool(spread < _UNIFORM * np.ptp(gray))
    figure = np.maximum(gray - (background + spread if uniform else gray.min()), 0)
    peak = np.percentile(figure[figure > 0], 99) if figure.any() else 1.0
    return Figure(np.minimum(figure / peak, 1).astype(np.float32), uniform)


def edges(pictures: np.ndarray) -> np.ndarray:
    """Return all pixels on the four edges, in one row.   (..., H, W) -> (n,)"""
    sides = pictures[..., 0, :], pictures[..., -1, :], pictures[..., 0], pictures[..., -1]
    return np.concatenate([side.reshape(-1) for side in sides])


def fitting(shape: tuple[int, ...], into: tuple[int, int]) -> tuple[int, int]:
    """Return the largest shape with the proportions of `shape` that fits."""
    scale = min(into[0] / shape[0], into[1] / shape[1])
    height, width = (max(1, round(side * scale)) for side in shape)
    return height, width


def scaled(values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return the values (H, W) scaled to this shape."""
    from PIL import Image

    image = Image.fromarray(np.asarray(values, np.float32))
    return np.asarray(image.resize(shape[::-1], Image.Resampling.LANCZOS))
