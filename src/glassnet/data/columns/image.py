"""Columns of pictures: the cells are the paths of their files."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import register
from glassnet.data.columns.base import Column, cells
from glassnet.data.images.pictures import forms_of, read_pictures

if TYPE_CHECKING:
    import polars as pl

LARGEST = 64  # pixels a side that pictures keep if all have one size, and get otherwise
_MOST = 4096  # pixels a side: model files are not trusted


@register("column")
@dataclass(frozen=True)
class Image(Column):
    """The pictures, (N, height, width, channels) uint8; of 1 channel if all were gray, else 3."""

    height: int
    width: int
    channels: int

    kind: ClassVar[str] = "image"
    block: ClassVar[str] = "image"

    def __post_init__(self) -> None:
        sides = self.height, self.width
        if not all(type(side) is int and 1 <= side <= _MOST for side in sides):
            what = f"can't be {self.width}x{self.height}."
            raise GlassnetError(what, where="image size", fix=f"Sides have 1 to {_MOST} pixels.")
        if self.channels not in (1, 3):
            raise GlassnetError(f"can't be {self.channels!r}.", where="channels of pictures")

    @classmethod
    def fitted(cls, name: str, reason: str, size: str, values: "pl.Series") -> Self:
        """Return the column, fitted to the pictures of the training rows.

        `size` is "64" or "64x48", width and height; "" for the size that all have, if their sides
        have no more than 64 pixels, else 64x64.
        """
        forms = forms_of(present(values))
        channels = int(forms[:, 2].max())
        if size:
            width, height = size_of(size)
        elif (forms[:, :2] == forms[0, :2]).all() and forms[0, :2].max() <= LARGEST:
            height, width = map(int, forms[0, :2])
        else:
            height = width = LARGEST
        return cls(name, reason, False, height, width, channels)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.height, self.width, self.channels

    def typed(self, raw: "pl.Series") -> "pl.Series":
        return cells(raw)

    def encoded(self, values: "pl.Series") -> np.ndarray:
        return read_pictures(present(values), *self.shape)


def present(values: "pl.Series") -> Sequence[str]:
    """Return the paths of files; raises if one is missing."""
    if values.has_nulls():
        raise GlassnetError(
            f"row {values.is_null().arg_max()} names no file.",
            where=f"column {values.name!r}",
            fix="Name one, or remove the row.",
        )
    return values.to_list()


def size_of(text: str) -> tuple[int, int]:
    """Return (width, height) of an image size, "64" or "64x48"; raises for others."""
    sides = re.fullmatch(r"([0-9]{1,4})(?:[x×]([0-9]{1,4}))?", str(text).lower())
    width, height = (int(side or 0) for side in sides.groups(sides[1])) if sides else (0, 0)
    if not (1 <= width <= _MOST and 1 <= height <= _MOST):
        raise GlassnetError(
            f"can't be {text!r:.80}.",
            where="--image-size",
            fix=f"Write 64 or 64x48, width and height in pixels, from 1 to {_MOST}.",
        )
    return width, height
