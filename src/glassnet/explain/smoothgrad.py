"""SmoothGrad: the gradient, averaged over noisy copies of the example."""

import numpy as np

from glassnet.core.arrays import Array
from glassnet.explain.score import Score

COPIES = 64
NOISE = 0.15  # of the example's own range; the paper finds 10% to 20% to look best


def smoothgrad(score: Score, x: Array, baseline: Array) -> Array:
    """E[∂s/∂x (x + ε)], ε normal, its deviation 15% of max x − min x, over 64 copies.

    Copy by copy the same noise at every call. Source: Smilkov et al. 2017, "SmoothGrad: removing
    noise by adding noise".
    """
    noise = np.random.default_rng(0).normal(0, NOISE * np.ptp(x), (COPIES, *x.shape))
    mean: Array = score.gradients((x + noise).astype(x.dtype)).mean(axis=0, dtype=np.float64)
    return mean
