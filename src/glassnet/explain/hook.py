"""Hooks that record the input, output and output gradient of a layer inside a network."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from glassnet.core.protocols import Array
from glassnet.core.trees import Tree, join_path
from glassnet.layers import INFERENCE, CallContext, Layer
from glassnet.layers.network import unfolds
from glassnet.ops import Pullback


@dataclass
class Record:
    """The values of one call of the network; for a shared layer, of its last call."""

    input: Any = None
    output: Any = None
    gradient: Any = None  # ∂s/∂output, once the network's pullback has run


@dataclass(frozen=True, eq=False)
class Around(Layer):
    """A layer in the place of another one, for one call of a network."""

    layer: Layer

    @property
    def learns(self) -> bool:
        return self.layer.learns

    def output_mask(self, x: Array, mask: Array | None) -> Array | None:
        return self.layer.output_mask(x, mask)


@dataclass(frozen=True, eq=False)
class Hook(Around):
    """A layer that computes the same and records its values."""

    record: Record = field(default_factory=Record)

    @property
    def output_count(self) -> int:
        return self.layer.output_count

    def called_with(self, arguments: Mapping[str, bool]) -> Layer:
        return replace(self, layer=self.layer.called_with(arguments))

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = self.layer.forward(params, x, context)
        self.record.input, self.record.output, self.record.gradient = x, y, None

        def pullback(dy: Array) -> tuple[Array, Tree]:
            if self.record.gradient is None:
                self.record.gradient = dy
            return back(dy)

        return y, pullback


def with_hook(network: Layer, path: str) -> tuple[Layer, Record]:
    """Return the network with a hook on the layer at a path, and the hook's record."""
    layer = network.at(path)
    hook = Hook(layer, name=layer.name)
    return network.with_layer(path, hook), hook.record


def last_layer_with_weights(network: Layer) -> str | None:
    """Return the path of the last layer with weights, also inside sequences and graphs."""
    if not unfolds(network):
        return "" if network.learns else None
    for call in reversed(network.calls):
        if (inner := last_layer_with_weights(call.layer)) is not None:
            return join_path(call.name, inner)
    return None
