"""What a network for grey pictures was trained on: enough to bring a photo to the same form."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, Self

import numpy as np

from glassnet.core.errors import GlassnetError

_MOST = 4096  # pixels a side; no training picture is larger, and a model file is not to be trusted


@dataclass(frozen=True)
class Preprocessing:
    """Pictures of height × width pixels whose values go from low (black) to high (white)."""

    height: int
    width: int
    low: float
    high: float
    background: Literal["dark", "light"]

    @classmethod
    def fitted(cls, x_train: np.ndarray) -> Self | None:
        """What these pictures, (N, H, W), have in common; None where they are not grey pictures.

        Bytes beyond 16 go from 0 to 255; all others from the least value to the greatest. The
        background is dark where the median of all pixels on the edges is below the middle.
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
        """From the fields' JSON values and no others. Raises GlassnetError naming the wrong one."""
        names = [field.name for field in fields(cls)]
        if not isinstance(values, Mapping) or set(values) != set(names):
            raise GlassnetError(f"must have just {', '.join(names)}.", where="preprocessing")
        for name, value in values.items():
            if name in ("height", "width"):
                right = type(value) is int and 1 <= value <= _MOST
            elif name in ("low", "high"):
                right = type(value) in (int, float) and abs(value) < 1e30  # nor NaN
            else:
                right = value in ("dark", "light")
            if not right:
                raise GlassnetError(f"can't be {value!r}.", where=f"preprocessing: {name}")
        if not values["low"] < values["high"]:
            raise GlassnetError("low must be below high.", where="preprocessing")
        return cls(**values)


def edges(pictures: np.ndarray) -> np.ndarray:
    """All pixels on the four edges, in one row.   (..., H, W) -> (n,)"""
    sides = pictures[..., 0, :], pictures[..., -1, :], pictures[..., 0], pictures[..., -1]
    return np.concatenate([side.reshape(-1) for side in sides])
