"""The base classes of all augmentations, and their composition."""

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
    """A random change of a training batch that preserves its labels: (x, y, key) -> (x, y).

    A pure function of the batch and the key, the same on NumPy and under XLA; x (N, ...) are floats
    as the network receives them, before any rescaling. There is no pullback, because the gradient
    of the data is not needed.
    """

    @property
    def mixes_targets(self) -> bool:
        """True if y changes too: then it must be floats; for classes, one-hot rows (N, C)."""
        return False

    def check(self, shape: tuple[Any, ...]) -> None:
        """Raise if examples of `shape` don't allow this augmentation."""
        if any(isinstance(size, tuple) for size in shape):
            raise GlassnetError(
                f"takes one input, but there are {len(shape)}.",
                where=type(self).__name__,
                fix="Leave the augmentation out.",
            )

    def inputs(self, x: Array, key: Array) -> Array:
        """Return the changed inputs, for augmentations that don't change the targets."""
        raise NotImplementedError

    def __call__(self, x: Array, y: Array, key: Array) -> tuple[Array, Array]:
        """Return the changed batch."""
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
    """Apply augmentations one after the other, each with its own draws."""

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
    """Return the augmentations for "flip,shift", an augmentation, or a list; None for None."""
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
    """Check a field of a frozen dataclass and convert it to a float: a NumPy float64 would turn the
    batch into float64.
    """
    object.__setattr__(part, name, _number(part, name, getattr(part, name), least, most))


def set_range(part: Augmentation, name: str, least: float, most: float) -> None:
    """Convert a field to a pair (lower, upper); a number f means (−f, f), as in Keras."""
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
