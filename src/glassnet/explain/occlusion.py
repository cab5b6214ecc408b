"""Occlusion: what the score loses when a part of the example is covered."""

import itertools

import numpy as np

from glassnet.core.arrays import Array
from glassnet.explain.score import Score

_PARTS = 7  # a window spans this part of a picture's shorter side


def occlusion(score: Score, x: Array, baseline: Array) -> Array:
    """φₚ = mean of s(x) − s(x with a window at the baseline), over all windows that cover p.

    In a picture, (H, W) or (H, W, C), windows are squares of a 7th of the shorter side, half of it
    apart, that cover all channels; in a row, single numbers. Needs no gradient.
    Source: Zeiler & Fergus 2014, "Visualizing and understanding convolutional networks".
    """
    axes = x.shape[:2]
    size = max(1, round(min(axes) / _PARTS)) if x.ndim > 1 else 1
    stride = max(1, size // 2)
    starts = [range(stride - size, length, stride) for length in axes]
    covers = np.zeros((len(list(itertools.product(*starts))), *axes), bool)
    for cover, corner in zip(covers, itertools.product(*starts), strict=True):
        cover[tuple(slice(max(0, start), start + size) for start in corner)] = True
    full = covers.reshape(*covers.shape, *(1,) * (x.ndim - len(axes)))
    losses = score.values(x[None])[0] - score.values(np.where(full, baseline, x))
    shares = np.tensordot(losses.astype(np.float64), covers, 1) / covers.sum(axis=0)
    return np.broadcast_to(shares.reshape(full.shape[1:]), x.shape).copy()
