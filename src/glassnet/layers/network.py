"""Networks: layers that are nothing but calls of other layers, and can be followed through them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Self, TypeGuard

from glassnet.core.trees import join_path
from glassnet.layers.base import Layer, Shape, Visit, select


class Network(Layer):
    """A layer made of calls of layers, wired by the numbers of the values that they take.

    Whoever follows values through networks (shapes, masks, paths, Keras's tensors) does so by
    `trace`, or call by call; a new kind of network needs nothing but this class.
    """

    chain: ClassVar[bool] = False  # each call takes what the one before it makes
    merge: ClassVar[Layer | None] = None  # makes one output of the values that end in it

    layers: Any

    @property
    def ends(self) -> tuple[int, ...]:
        """The numbers of the values that it puts out, or merges to one."""
        raise NotImplementedError

    def with_parts(self, parts: Mapping[str, Layer]) -> Self:
        layers = (replace(parts.get(name, layer), name=name) for name, layer in self.parts)
        return replace(self, layers=tuple(layers))  # type: ignore[call-arg]

    def output_shape(self, shape: Shape) -> Shape:
        ends = select(self.shapes(shape), self.ends)
        return tuple(ends) if self.merge is None else self.merge.output_shape(ends)

    def trace(self, x: Any, visit: Visit, path: str = "") -> Any:
        values = [x] if self.inputs == 1 else list(x)
        for _, layer, place, sources in self.calls:
            given = select(values, sources)
            values.append(layer.trace(given, visit, join_path(path, place)))
        ends = select(values, self.ends)
        return ends if self.merge is None else visit(path, self.merge, ends)


def unfolds(layer: Layer) -> TypeGuard[Network]:
    """Whether the layer is its calls and nothing else: what it puts out are values of theirs."""
    return isinstance(layer, Network) and layer.merge is None
