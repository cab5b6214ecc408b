"""What passes through a layer inside a network: its input, its output and the gradient of that."""

from dataclasses import dataclass, field, replace
from typing import Any

from glassnet.core.protocols import Array
from glassnet.core.trees import Tree
from glassnet.layers import INFERENCE, CallContext, Graph, Layer, Sequential
from glassnet.ops import Pullback

Place = tuple[int, ...]  # the number of a layer, of a layer inside that one, ...


@dataclass
class Seen:
    """What a tap saw in one call of the network; of a shared layer, of its last call."""

    input: Any = None
    output: Any = None
    gradient: Any = None  # ∂s/∂output, once the network's pullback has run


@dataclass(frozen=True, eq=False)
class Hook(Layer):
    """A layer as it is, which notes what passes. Made for one call of a network."""

    layer: Layer
    seen: Seen = field(default_factory=Seen)

    @property
    def learns(self) -> bool:
        return self.layer.learns

    def output_mask(self, x: Array, mask: Array | None) -> Array | None:
        return self.layer.output_mask(x, mask)

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = self.layer.forward(params, x, context)
        self.seen.input, self.seen.output, self.seen.gradient = x, y, None

        def pullback(dy: Array) -> tuple[Array, Tree]:
            if self.seen.gradient is None:
                self.seen.gradient = dy
            return back(dy)  # type: ignore[no-any-return]

        return y, pullback


def tapped(network: Layer, place: Place) -> tuple[Layer, Seen]:
    """The network with a tap at a place, and what the tap will see."""
    if not place:
        tap = Hook(network, name=network.name)
        return tap, tap.seen
    assert isinstance(network, Sequential | Graph)
    layers = [replace(inner, name=name) for name, inner in network.parts]
    layers[place[0]], seen = tapped(layers[place[0]], place[1:])
    return replace(network, layers=tuple(layers)), seen


def last_learning(network: Layer) -> Place | None:
    """Where the last layer with weights lies, looked for in sequences and graphs."""
    if isinstance(network, Sequential | Graph):
        for number, _ in reversed(network.wiring):
            inner = last_learning(network.layers[number])
            if inner is not None:
                return (number, *inner)
        return None
    return () if network.learns else None
