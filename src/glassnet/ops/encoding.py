"""The piecewise-linear encoding of numbers."""

from collections.abc import Sequence

import numpy as np

from glassnet.core.protocols import Array, namespace
from glassnet.ops import ArrayPullback


def encode_piecewise(
    x: Array, columns: Sequence[int], starts: Sequence[float], ends: Sequence[float], scale: float
) -> tuple[Array, ArrayPullback]:
    """y = [x, scale · e₁, …, scale · eₘ],  eⱼ = min(max((x[:, columnⱼ] − startⱼ) / (endⱼ − startⱼ),
    0), 1): how much of bin j the value fills.

    x (N, F); a column, a start and an end for each of the m bins -> y (N, F + m). At the ends of a
    bin, the derivative is 0. Source: Gorishniy et al. 2022, "On embeddings for numerical features
    in tabular deep learning".
    """
    xp, features = namespace(x), x.shape[1]
    start, end = (xp.asarray(values, dtype=x.dtype) for values in (starts, ends))
    width = end - start
    filled = (x[:, list(columns)] - start) / width
    y = xp.concat([x, scale * xp.minimum(xp.maximum(filled, 0), 1)], axis=1)

    def pullback(dy: Array) -> Array:
        slopes = xp.where((filled > 0) & (filled < 1), scale / width, 0)
        owners = xp.asarray(np.arange(features) == np.reshape(columns, (-1, 1)), dtype=x.dtype)
        return dy[:, :features] + (dy[:, features:] * slopes) @ owners

    return y, pullback
