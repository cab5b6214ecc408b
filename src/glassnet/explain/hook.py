"""What passes through a layer inside a network: its input, its output and the gradient of that."""

from dataclasses import dataclass, field
from typing import Any

from glassnet.core.protocols import Array
from glassnet.core.trees import Tree, join_path
from glassnet.layers import INFERENCE, CallContext, Layer
from glassnet.layers.network import unfolds
from glassnet.ops import Pullback


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


def tapped(network: Layer, path: str) -> tuple[Layer, Seen]:
    """The network with a tap at the layer at a path, and what the tap will see."""
    layer = network.at(path)
    tap = Hook(layer, name=layer.name)
    return network.with_layer(path, tap), tap.seen


def last_learning(network: Layer) -> str | None:
    """The path of the last layer with weights, looked for in sequences and graphs."""
    if not unfolds(network):
        return "" if network.learns else None
    for call in reversed(network.calls):
        if (inner := last_learning(call.layer)) is not None:
            return join_path(call.name, inner)
    return None
