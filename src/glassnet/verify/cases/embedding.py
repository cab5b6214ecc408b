"""Embeddings of tokens, of positions and of the columns of tables."""

import numpy as np

from glassnet import layers
from glassnet.ops import embedding, encoding, positions
from glassnet.verify.cases.base import Case, layer_case, numbers

WORDS = np.array([[1, 4, 0, 0], [2, 1, 4, 1]], np.int32)
X = numbers(2, 3, 4)
TABLE = np.column_stack([numbers(4), [4.0, 0, 1, 1], numbers(4, seed=1), [0.0, 1, 0, 0]])

OPS = [
    Case(embedding.lookup, (numbers(5, 3),), {"indices": WORDS}),
    Case(
        embedding.embed_columns, (TABLE, numbers(5, 3), numbers(2, 1, seed=1)), {"columns": (1, 3)}
    ),
    Case(
        encoding.encode_piecewise,
        (TABLE,),
        {"columns": (0, 0, 2), "starts": (-2.0, 0.0, -1.0), "ends": (0.0, 1.5, 2.0), "scale": 0.5},
    ),
    Case(positions.add_positions, (X, numbers(3, 4, seed=1))),
    Case(positions.add_positions, (X, numbers(5, 4, seed=1)), label="longer"),
]

NETWORK = layers.Sequential(
    (layers.Embedding(5, 3, mask_zero=True), layers.PositionEmbedding(4), layers.GRU(2))
)

LAYERS = [
    layer_case(layers.Embedding(5, 3), WORDS),
    layer_case(layers.CategoryEmbedding((3, 1), (2, 5), (1, 3)), TABLE),
    layer_case(layers.PiecewiseLinearEncoding((2, 0), ((-1.0, 0.5, 2.0), (-2.0, 3.0)), 0.5), TABLE),
    layer_case(layers.PositionEmbedding(4), X),
    layer_case(layers.SinusoidalPositions(), X),
    layer_case(NETWORK, WORDS, "words"),
]
