"""The paths of weights that Keras's layers keep under another name, or one level deeper."""

from collections.abc import Iterator
from typing import Any

from glassnet.core.trees import Tree, items, join_path
from glassnet.layers import Layer
from glassnet.layers.attention import MultiHeadAttention
from glassnet.layers.recurrent import Recurrent

ATTRIBUTES = {  # of MultiHeadAttention, by the names of our sublayers
    "query": "query_dense",
    "key": "key_dense",
    "value": "value_dense",
    "attention_output": "output_dense",
}


def by_layer(weights: Tree) -> dict[str, dict[str, Any]]:
    """Return {path of a layer: {name: leaf}}, in the order in which Keras numbers weights."""
    layers: dict[str, dict[str, Any]] = {}
    for path, leaf in items(weights):
        place, _, name = path.rpartition("/")
        layers.setdefault(place, {})[name] = leaf
    return layers


def inside(layer: Layer) -> Iterator[tuple[str, str]]:
    """Yield (path in our tree, path of attributes in Keras's layer) for all weights in a layer.

    For a Bidirectional LSTM: ("forward_layer", "forward_layer/cell"), and likewise backward.
    """
    if isinstance(layer, MultiHeadAttention):
        yield from ATTRIBUTES.items()
    elif isinstance(layer, Recurrent):
        yield "", "cell"
    elif layer.parts:
        for name, inner in layer.parts:
            for place, attribute in inside(inner):
                yield join_path(name, place), join_path(name, attribute)
    else:
        yield "", ""
