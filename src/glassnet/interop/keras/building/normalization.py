"""Where Keras's Normalization and ours differ, and how one is made to say what the other says.

Both compute (x − mean) / deviation. For a feature that never changes, ours only centres, Keras
divides by 1e-7, its least deviation. And Keras's `adapt` leaves its count of examples at 0, which
for us means that mean and variance are still to be fitted.
"""

from collections.abc import Mapping

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError

LEAST_DEVIATION = 1e-7  # keras.config.epsilon(), as the models that people have were made with


def variance_for_keras(variance: Array, where: str) -> Array:
    """The variance with which Keras computes what we compute: 1 where a feature never changes."""
    if ((variance > 0) & (variance < LEAST_DEVIATION**2)).any():
        raise GlassnetError(
            f"has a feature with a deviation below {LEAST_DEVIATION}, which Keras takes for "
            f"{LEAST_DEVIATION}.",
            where=where,
            fix="Multiply the data by a constant, so that they are not so small.",
        )
    return np.where(variance > 0, variance, np.ones_like(variance))


def from_keras(weights: Mapping[str, Array]) -> dict[str, Array]:
    """Mean, variance and count with which we compute what Keras computes."""
    mean, variance, count = (weights[name] for name in ("mean", "variance", "count"))
    fitted = count > 0 or (mean != 0).any() or (variance != 1).any()
    least = np.asarray(LEAST_DEVIATION**2, variance.dtype)
    return {
        "mean": mean,
        "variance": np.maximum(variance, least),
        "count": np.asarray(max(count, 1) if fitted else 0, mean.dtype),
    }
