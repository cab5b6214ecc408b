"""The form of a network's grayscale training images, to which photos are converted."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, Self

import numpy as np

from glassnet.core.errors import GlassnetError

_MOST = 4096  # pixels a side; no training image is larger, and a model file is not trusted


@dataclass(frozen=True)
class Preprocessing:
    """Images of height × width pixels, with values from `low` (black) to `high` (white)."""

    height: int
    width: int
    low: float
    high: float
    background: Literal["dark", "light"]

    @classmethod
    def fitted(cls, x_train: np.ndarray) -> Self | None:
        """Return the form of the images (N, H, W); None if they are not grayscale images.

        Bytes with values above 16 range from 0 to 255; all others from their minimum to their
        maximum. The background is dark if the median of the edge pixels is below the middle.
        """
        if x_train.ndim != 3 or not x_train.size or max(x_train.shape[1:]) > _MOST:
            return None
        low, high = float(x_train.min()), float(x_train.max())
        if x_train.dtype == np.uint8 and high > 16:
            low, high = 0.0, 255.0
        if not low < high:
            return None
        light = np.median(edges(x_train)) > (low + high) / 2
        _, height, width = x_train.shape
        return cls(height, width, low, high, "light" if light else "dark")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read exactly the JSON values of the fields. Raises GlassnetError naming the wrong one."""
        names = [field.name for field in fields(cls)]
        if not isinstance(values, Mapping) or set(values) != set(names):
            raise GlassnetError(f"must have exactly {', '.join(names)}.", where="preprocessing")
        for name, value in values.items():
            if name in ("height", "width"):
                valid = type(value) is int and 1 <= value <= _MOST
            elif name in ("low", "high"):
                valid = type(value) in (int, float) and abs(value) < 1e30  # excludes NaN
            else:
                valid = value in ("dark", "light")
            if not valid:
                raise GlassnetError(f"can't be {value!r}.", where=f"preprocessing: {name}")
        if not values["low"] < values["high"]:
            raise GlassnetError("low must be below high.", where="preprocessing")
        return cls(**values)


def edges(pictures: np.ndarray) -> np.ndarray:
    """Return all pixels on the four edges, in one row.   (..., H, W) -> (n,)"""
    sides = pictures[..., 0, :], pictures[..., -1, :], pictures[..., 0], pictures[..., -1]
    return np.concatenate([side.reshape(-1) for side in sides])
