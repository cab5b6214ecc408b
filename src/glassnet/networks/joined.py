"""A network with several inputs: each becomes a vector, and the vectors are joined."""

from collections.abc import Sequence

from glassnet.data.preprocessing import Features, Input
from glassnet.layers import (
    Concatenate,
    Dense,
    Dropout,
    Embedding,
    GlobalAveragePooling1D,
    Layer,
    Rescaling,
    Sequential,
)
from glassnet.layers.functional import Input as InputNode
from glassnet.layers.graph import Graph
from glassnet.networks.cnn import stages
from glassnet.networks.inputs import EMBEDDING, encoded_numbers, image_input, table_input

FILTERS = (32, 64, 128)  # of pictures and sounds


def joined(
    classes: int,
    inputs: Sequence[Input],
    width: int = 128,
    dropout: float = 0.2,
    output_activation: str = "softmax",
    features: Features | None = None,
) -> Graph:
    """A vector of `width` numbers from each input; together, a hidden layer and the outputs.

    Features, whose numbers are encoded as in `tabular`, go through a Dense layer, pictures and
    sounds through the convolutions of `cnn`, and of a text the mean of its tokens' embeddings is
    taken. Each part ends in a Dense layer, so that all weigh the same. Source: Shi et al.
    2021, "Benchmarking multimodal AutoML for tabular data with text fields" (fusion of one
    network per kind of column).
    """
    nodes = [InputNode(part.shape) for part in inputs]
    vectors = [
        Sequential((*_layers_of(part, features), Dense(width, "relu")))(node)
        for part, node in zip(inputs, nodes, strict=True)
    ]
    y = Concatenate()(*vectors) if len(vectors) > 1 else vectors[0]
    if dropout:
        y = Dropout(dropout)(y)
    y = Dense(width, "relu")(y)
    return Graph.between(nodes, Dense(classes, output_activation)(y))


def _layers_of(part: Input, features: Features | None) -> list[Layer]:
    """Return the layers that make a vector of an input, before the one of `width` numbers."""
    if part.kind == "features":
        return [*encoded_numbers(features), *table_input(features)]
    if part.vocabulary is not None:
        embedding = Embedding(part.vocabulary, EMBEDDING, mask_zero=True)
        return [embedding, GlobalAveragePooling1D()]
    rescaling = Rescaling(1 / 255) if part.kind == "image" else None
    layers, size = image_input(part.shape, rescaling, "joined")
    return [*layers, *stages(size, FILTERS, 1)]
