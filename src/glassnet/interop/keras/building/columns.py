"""`CategoryEmbedding`, which Keras doesn't have, built from layers that it has.

Each column is cut out of the matrix and looked up by an `Embedding` of its own, which the other
columns are joined with. Plain Keras loads and trains it; read back, it is a graph of these layers.
"""

from itertools import groupby
from typing import Any

from glassnet.interop.keras.building.layer import keras_initializer
from glassnet.layers.category_embedding import CategoryEmbedding

Shape = tuple[int, ...]


def columns_in_keras(layer: CategoryEmbedding, name: str | None, shape: Shape, dtype: str) -> Any:
    """Return a Keras model that embeds columns of a matrix with so many (F,)."""
    import keras

    L, draw = keras.layers, keras_initializer(layer.embeddings_initializer)
    x = keras.Input(shape, dtype=dtype, name="input")
    others = [column for column in range(shape[0]) if column not in layer.columns]
    runs = groupby(enumerate(others), lambda pair: pair[1] - pair[0])  # of adjacent columns
    spans = [[column for _, column in run] for _, run in runs]
    parts = [x[:, span[0] : span[-1] + 1] for span in spans]
    sizes = zip(layer.columns, layer.sizes, layer.widths, strict=True)
    parts += [
        L.Embedding(size, width, draw, name=f"column_{column}", dtype=dtype)(x[:, column])
        for column, size, width in sizes
    ]
    joined = L.Concatenate(name="join", dtype=dtype)(parts) if len(parts) > 1 else parts[0]
    return keras.Model(x, joined, name=name)
