"""Converting the weights of Normalization, which Keras and glassnet treat differently.

Both compute (x − mean) / deviation. For a constant feature, glassnet only subtracts the mean, while
Keras divides by 1e-7, its smallest deviation. And Keras's `adapt` leaves its count of examples at
0, which in glassnet means that mean and variance have not been fitted yet.
"""

from collections.abc import Mapping

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError

LEAST_DEVIATION = 1e-7  # keras.config.epsilon() by default


def variance_for_keras(variance: Array, where: str) -> Array:
    """Return the variance that makes Keras compute what we do: 1 for a constant feature."""
    if ((variance > 0) & (variance < LEAST_DEVIATION**2)).any():
        raise GlassnetError(
            f"has a feature with a deviation below {LEAST_DEVIATION}, which Keras replaces by "
            f"{LEAST_DEVIATION}.",
            where=where,
            fix="Multiply the data by a constant, so that the deviations are larger.",
        )
    return np.where(variance > 0, variance, np.ones_like(variance))


def from_keras(weights: Mapping[str, Array]) -> dict[str, Array]:
    """Return the mean, variance and count with which we compute what Keras does."""
    mean, variance, count = (weights[name] for name in ("mean", "variance", "count"))
    fitted = count > 0 or (mean != 0).any() or (variance != 1).any()
    least = np.asarray(LEAST_DEVIATION**2, variance.dtype)
    return {
        "mean": mean,
        "variance": np.maximum(variance, least),
        "count": np.asarray(max(count, 1) if fitted else 0, mean.dtype),
    }
