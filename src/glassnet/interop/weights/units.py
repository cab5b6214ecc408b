"""The layers of a network that have weights, as a file of weights elsewhere would name them."""

from collections.abc import Iterator
from dataclasses import dataclass

from glassnet.core.trees import Tree, items, join_path
from glassnet.layers import Bidirectional, Layer, Residual
from glassnet.layers.base import Shape


@dataclass(frozen=True)
class Unit:
    """A layer with weights: its path here, its name elsewhere, and the shapes of its arrays."""

    place: str
    name: str
    layer: Layer
    shapes: dict[str, Shape]


def units_of(network: Layer, weights: Tree) -> list[Unit]:
    """Return the layers that have weights; those inside a layer, instead of it.

    The body of a Residual has no name of its own elsewhere: `block/body/conv` is `block/conv`.
    """
    return list(_units(network, weights, "", ""))


def _units(layer: Layer, weights: Tree, place: str, name: str) -> Iterator[Unit]:
    if not layer.parts or isinstance(layer, Bidirectional):
        yield Unit(place, name, layer, {path: leaf.shape for path, leaf in items(weights)})
        return
    for part_name, part in layer.parts:
        if part_name in weights:
            unnamed = isinstance(layer, Residual) and part_name == "body"
            inner = name if unnamed else join_path(name, part_name)
            yield from _units(part, weights[part_name], join_path(place, part_name), inner)
