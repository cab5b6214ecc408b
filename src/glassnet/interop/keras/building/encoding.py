"""`PiecewiseLinearEncoding`, which Keras doesn't have, built from layers that it has.

Each column is repeated for its bins, shifted and scaled so that a bin is 0 to 1, and cut off there.
Plain Keras loads and trains it; read back, it is a graph of these layers.
"""

from typing import Any

import numpy as np

from glassnet.layers.piecewise_linear_encoding import PiecewiseLinearEncoding

Shape = tuple[int, ...]


def encoding_in_keras(
    layer: PiecewiseLinearEncoding, name: str | None, shape: Shape, dtype: str
) -> Any:
    """Return a Keras model that encodes columns of a matrix with so many (F,)."""
    import keras

    L = keras.layers
    x = keras.Input(shape, dtype=dtype, name="input")
    columns, starts, ends = (np.array(values) for values in zip(*layer.bins, strict=True))
    repeated = [x[:, column : column + 1] for column in columns.tolist()]
    bins = L.Concatenate(name="repeat", dtype=dtype)(repeated) if len(repeated) > 1 else repeated[0]
    start, end = (values.astype(dtype) for values in (starts, ends))
    bins = L.Normalization(mean=start, variance=(end - start) ** 2, name="shift", dtype=dtype)(bins)
    bins = L.ReLU(max_value=1.0, name="cut", dtype=dtype)(bins)
    bins = L.Rescaling(layer.scale, name="scale", dtype=dtype)(bins)
    return keras.Model(x, L.Concatenate(name="join", dtype=dtype)([x, bins]), name=name)
