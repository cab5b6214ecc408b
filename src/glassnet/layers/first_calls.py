"""The first call of each layer in a graph: what Keras's `layer.output` and `layer.input` return.

The table holds nodes weakly: they live as long as a model or a person holds them.
"""

from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from glassnet.core.errors import GlassnetError

if TYPE_CHECKING:
    from glassnet.layers.functional import Node
    from glassnet.layers.weighted_layer import WeightedLayer

_nodes: WeakValueDictionary[int, Any] = WeakValueDictionary()  # by the id of the layer


def record_call(node: "Node") -> None:
    """Remember the node if it is the first output of its layer."""
    _nodes.setdefault(id(node.layer), node)


def first_input_shape(layer: "WeightedLayer") -> Any:
    """Return the shape of an example in the layer's first call; None if there is none, or if it
    has multiple inputs.
    """
    node: Node | None = _nodes.get(id(layer))
    sources = node.sources if node is not None else ()
    return sources[0].example_shape if len(sources) == 1 else None


def first_call(layer: "WeightedLayer") -> "Node":
    """Return the output node of the layer's first call; raises if there is none."""
    node: Node | None = _nodes.get(id(layer))
    if node is None:
        raise GlassnetError(
            "has not been called on a node that still exists, so it has no input and output.",
            where=f"layer {layer.name!r}",
            fix="Call it on a node, or build the model that it is in: model.build(input_shape).",
        )
    return node
