"""Flips and shifts: pixels move, their values stay the same."""

from dataclasses import dataclass
from typing import Any

from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import register
from glassnet.data.augmentation.base import ImageAugmentation, set_number
from glassnet.ops.draws import bernoulli
from glassnet.ops.random import fold, random_bits

_AXES = {"horizontal": (2,), "vertical": (1,), "horizontal_and_vertical": (2, 1)}


@register("augmentation", "flip")
@dataclass(frozen=True)
class RandomFlip(ImageAugmentation):
    """Mirror each image with probability ½, with a separate draw for each axis of the mode.

    Keras's default mode flips along both axes with one draw; few objects look the same upside down.
    """

    mode: str = "horizontal"

    def __post_init__(self) -> None:
        if self.mode not in _AXES:
            raise unknown("mode", self.mode, _AXES, where="RandomFlip")

    def inputs(self, x: Array, key: Array) -> Array:
        xp = namespace(x)
        for axis in _AXES[self.mode]:
            flips = bernoulli(fold(key, axis), len(x), 0.5).reshape(-1, *(1,) * (x.ndim - 1))
            x = xp.where(flips, xp.flip(x, axis=axis), x)
        return x


@register("augmentation", "shift", "crop")
@dataclass(frozen=True)
class RandomShift(ImageAugmentation):
    """Shift each image by −`pixels` … `pixels` pixels along each axis, all equally likely.

    The same as a crop of its size from the image padded by `pixels`, the usual "random crop".
    """

    pixels: int = 2
    fill_value: float = 0.0

    def __post_init__(self) -> None:
        if isinstance(self.pixels, bool) or int(self.pixels) != self.pixels or self.pixels < 1:
            raise GlassnetError(
                f"pixels must be a whole number ≥ 1, got {self.pixels!r}.", where="RandomShift"
            )
        object.__setattr__(self, "pixels", int(self.pixels))
        set_number(self, "fill_value")

    def check(self, shape: tuple[Any, ...]) -> None:
        super().check(shape)
        if self.pixels >= min(shape[:2]):
            raise GlassnetError(
                f"{self.pixels} pixels would move all of an image of {shape[0]}×{shape[1]} out of "
                "view.",
                where="RandomShift",
                fix=f"Use fewer than {min(shape[:2])} pixels.",
            )

    def inputs(self, x: Array, key: Array) -> Array:
        starts = random_bits(key, (2, len(x))) % (2 * self.pixels + 1)
        return crop(x, starts[0], starts[1], self.pixels, self.fill_value)


def crop(x: Array, top: Array, left: Array, padding: int, fill_value: float) -> Array:
    """y[n, i, j] = padded[n, i + top[n], j + left[n]], with `padding` on all four sides."""
    xp = namespace(x)
    n, height, width, *rest = x.shape
    edges = ((0, 0), (padding, padding), (padding, padding), *((0, 0),) * len(rest))
    padded = xp.pad(x, edges, constant_values=fill_value)
    images, rows, columns = (xp.arange(size) for size in (n, height, width))
    top, left = xp.astype(top, images.dtype), xp.astype(left, images.dtype)
    line = padded.shape[2]
    first = (images * padded.shape[1] + top) * line + left
    indices = first[:, None, None] + (rows * line)[:, None] + columns
    # No index is out of range; "clip" only skips the check, which takes half of the time.
    return xp.take(padded.reshape(-1, *rest), indices, axis=0, mode="clip")
