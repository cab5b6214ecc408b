"""`Network`: the base class of layers that consist of calls of other layers."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, NoReturn, Self, TypeGuard

from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.trees import join_path
from glassnet.layers.base import Layer, Shape, Visit
from glassnet.layers.shapes import select


class Network(Layer):
    """A layer made of calls of other layers, wired by the indices of the values they take.

    Code that follows values through networks (shapes, masks, paths, Keras's tensors) uses `trace`
    or iterates over `calls`; a new kind of network only has to derive from this class.
    """

    chain: ClassVar[bool] = False  # each call takes the output of the one before it
    merge: ClassVar[Layer | None] = None  # merges the values at the ends into one output

    layers: Any

    @property
    def ends(self) -> tuple[int, ...]:
        """The indices of the values that are its outputs, or are merged into one."""
        raise NotImplementedError

    @property
    def output_count(self) -> int:
        return len(self.ends) if self.merge is None else 1

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Return the layer inside with this name, or at this index."""
        return find_layer(dict(self.parts), name, index)

    def with_parts(self, parts: Mapping[str, Layer]) -> Self:
        layers = (replace(parts.get(name, layer), name=name) for name, layer in self.parts)
        return replace(self, layers=tuple(layers))  # type: ignore[call-arg]

    def output_shape(self, shape: Shape) -> Shape:
        ends = select(self.shapes(shape), self.ends)
        return tuple(ends) if self.merge is None else self.merge.output_shape(ends)

    def trace(self, x: Any, visit: Visit, path: str = "") -> Any:
        values = [x] if self.inputs == 1 else list(x)
        for _, layer, place, sources, _ in self.calls:
            inputs = select(values, sources)
            values.extend(layer.outputs_of(layer.trace(inputs, visit, join_path(path, place))))
        ends = select(values, self.ends)
        return ends if self.merge is None else visit(path, self.merge, ends)


def find_layer(layers: Mapping[str, Layer], name: str | None, index: int | None) -> Layer:
    """Return the layer with this name, or at this index; raises if there is none."""
    if index is not None:
        if not -len(layers) <= index < len(layers):
            raise GlassnetError(f"there are {len(layers)} layers.", where=f"layer {index}")
        return [*layers.values()][index]
    if name is None or name not in layers:
        raise unknown("layer", name, layers, where="get_layer")
    return layers[name]


def not_differentiable(dy: Any) -> NoReturn:
    """The pullback of a call that kept nothing for it."""
    raise GlassnetError(
        "the call kept nothing for its pullback.",
        where="CallContext(differentiable=False)",
        fix="Call forward without it.",
    )


def unfolds(layer: Layer) -> TypeGuard[Network]:
    """True if the layer is nothing but its calls: its outputs are outputs of theirs."""
    return isinstance(layer, Network) and layer.merge is None
