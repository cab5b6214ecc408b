"""SmoothGrad: the gradient, averaged over noisy copies of the example."""

import numpy as np

from glassnet.core.arrays import Array
from glassnet.explain.score import Score

COPIES = 64
NOISE = 0.15  # of the range of the example; the paper recommends 10% to 20%


def smoothgrad(score: Score, x: Array, baseline: Array) -> Array:
    """The mean of ∂s/∂x at x + ε over 64 copies; ε ~ N(0, σ²), σ = 0.15 (max x − min x).

    The noise is the same at every call. Source: Smilkov et al. 2017, "SmoothGrad: removing
    noise by adding noise".
    """
    noise = np.random.default_rng(0).normal(0, NOISE * np.ptp(x), (COPIES, *x.shape))
    return score.gradients((x + noise).astype(x.dtype)).mean(axis=0, dtype=np.float64)
