"""Where an array of ours comes from: arrays of theirs, and how they are converted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from glassnet.core.arrays import Array
from glassnet.layers import Layer
from glassnet.layers.base import Shape

Has = Callable[[str], bool]  # whether there is an array of this name in a module of theirs


@dataclass(frozen=True)
class Source:
    """Arrays of theirs, by their names in a module, with their shapes; and the conversion."""

    names: tuple[str, ...]
    shapes: tuple[Shape, ...]
    convert: Callable[..., Array] = lambda array: array


# (layer, shapes of our arrays, has) -> the sources of our arrays
Layout = Callable[[Layer, Mapping[str, Shape], Has], dict[str, Source]]


def first_of(names: tuple[str, ...], has: Has) -> str:
    """Return the first name that exists; the first of all if none does."""
    return next((name for name in names if has(name)), names[0])


def same(name: str, shape: Shape, convert: Any = None) -> Source:
    """Return the source of an array that has the same shape there."""
    return Source((name,), (shape,), convert) if convert else Source((name,), (shape,))


def own_sources(layer: Layer, shapes: Mapping[str, Shape], has: Has) -> dict[str, Source]:
    """Return the sources of a layer's arrays in a file that glassnet wrote: the same arrays."""
    return {name: same(name, shape) for name, shape in shapes.items()}
