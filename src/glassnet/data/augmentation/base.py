"""What every augmentation is, and several of them one after the other."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Real
from typing import Any
from zlib import crc32

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import register, resolve
from glassnet.core.trees import Array
from glassnet.ops.random import fold


@dataclass(frozen=True)
class Augmentation:
    """A random change of a training batch that leaves its meaning: (x, y, key) -> (x, y).

    A pure function of the batch and the key, the same on NumPy and under XLA; x (N, ...) floats as
    the network gets them, before any rescaling. There is no pullback: nobody asks for the gradient
    of data.
    """

    @property
    def mixes_targets(self) -> bool:
        """Whether y changes too: then it must be floats, for classes one-hot rows (N, C)."""
        return False

    def check(self, shape: tuple[Any, ...]) -> None:
        """Raise if examples of `shape` can't be changed in this way."""
        if any(isinstance(size, tuple) for size in shape):
            raise GlassnetError(
                f"takes one input, but there are {len(shape)}.",
                where=type(self).__name__,
                fix="Leave the augmentation out.",
            )

    def inputs(self, x: Array, key: Array) -> Array:
        """The changed inputs, where they alone change."""
        raise NotImplementedError

    def __call__(self, x: Array, y: Array, key: Array) -> tuple[Array, Array]:
        """The changed batch."""
        return self.inputs(x, key), y


@dataclass(frozen=True)
class ImageAugmentation(Augmentation):
    """An augmentation of images, x (N, H, W) or (N, H, W, C)."""

    def check(self, shape: tuple[Any, ...]) -> None:
        super().check(shape)
        if len(shape) not in (2, 3):
            raise GlassnetError(
                "takes images, (height, width) or (height, width, channels), but an example has "
                f"shape {shape}.",
                where=type(self).__name__,
                fix="Reshape the examples to images (the network may flatten them), or leave the "
                "augmentation out.",
            )


@register("augmentation")
@dataclass(frozen=True)
class Compose(Augmentation):
    """One augmentation after the other, each with draws of its own."""

    parts: tuple[Augmentation, ...]

    @property
    def mixes_targets(self) -> bool:
        return any(part.mixes_targets for part in self.parts)

    def check(self, shape: tuple[Any, ...]) -> None:
        for part in self.parts:
            part.check(shape)

    def __call__(self, x: Array, y: Array, key: Array) -> tuple[Array, Array]:
        for i, part in enumerate(self.parts):
            x, y = part(x, y, fold(key, crc32(f"{i}/{type(part).__name__}".encode())))
        return x, y


def get(value: str | Augmentation | Iterable[str | Augmentation] | None) -> Compose | None:
    """What "flip,shift", an augmentation, or several of either mean; None means none."""
    if value is None or isinstance(value, Compose):
        return value
    if isinstance(value, str):
        value = [name.strip() for name in value.split(",")]
    elif not isinstance(value, Iterable):
        value = [value]
    return Compose(tuple(resolve("augmentation", part, where="augment") for part in value))


def set_number(
    part: Augmentation, name: str, least: float = -math.inf, most: float = math.inf
) -> None:
    """Check a frozen dataclass's field and make it a float: a NumPy number of double precision
    would make doubles of the batch.
    """
    object.__setattr__(part, name, _number(part, name, getattr(part, name), least, most))


def set_range(part: Augmentation, name: str, least: float, most: float) -> None:
    """Make a field a pair (lower, upper); one number f means (−f, f), as in Keras."""
    value = getattr(part, name)
    pair = value if isinstance(value, tuple | list) else (-value, value)
    if len(pair) != 2:
        raise GlassnetError(f"{name} must be two numbers, got {value}.", where=type(part).__name__)
    lower, upper = (_number(part, name, end, least, most) for end in pair)
    object.__setattr__(part, name, (min(lower, upper), max(lower, upper)))


def _number(part: Augmentation, name: str, value: Any, least: float, most: float) -> float:
    number = isinstance(value, Real) and not isinstance(value, bool)
    if not number or not least <= value <= most or not math.isfinite(value):
        raise GlassnetError(
            f"{name} must be a number from {least:g} to {most:g}, got {value!r}.",
            where=type(part).__name__,
        )
    return float(value)
