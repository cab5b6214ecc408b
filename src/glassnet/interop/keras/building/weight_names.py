"""Where Keras's layers keep the weights that ours keep under another name, or one level higher."""

from collections.abc import Iterator

from glassnet.core.trees import join_path
from glassnet.layers import Layer
from glassnet.layers.attention import MultiHeadAttention
from glassnet.layers.recurrent import Recurrent

ATTRIBUTES = {  # of MultiHeadAttention, by the names of its sublayers
    "query": "query_dense",
    "key": "key_dense",
    "value": "value_dense",
    "attention_output": "output_dense",
}


def inside(layer: Layer) -> Iterator[tuple[str, str]]:
    """(place in our tree, the same as attributes of Keras's layer) of all weights in a layer.

    Of a Bidirectional LSTM: ("forward_layer", "forward_layer/cell") and the same backwards.
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
