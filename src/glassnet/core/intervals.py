"""The interval of a mean."""

from collections.abc import Sequence

import numpy as np

from glassnet.core.arrays import Array


def half_width(values: Sequence[float] | Array) -> float:
    """Half of the 95% interval of the mean, t₀.₉₇₅ s/√n, by Student's t."""
    from scipy.special import stdtrit  # imported on first use, because it takes long

    n = len(values)
    return float(stdtrit(n - 1, 0.975) * np.std(values, ddof=1) / n**0.5)
