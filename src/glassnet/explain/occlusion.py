"""Occlusion: how much the score drops when a part of the example is covered."""

import itertools

import numpy as np

from glassnet.core.arrays import Array
from glassnet.explain.score import Score

_PARTS = 7  # the side of a window is the shorter side of the image divided by this


def occlusion(score: Score, x: Array, baseline: Array) -> Array:
    """φₚ = mean of s(x) − s(x with a window at the baseline), over the windows that cover p.

    In an image, (H, W) or (H, W, C), windows are squares that cover all channels; their side is a
    7th of the shorter side, their stride half of that. In a row, each value is covered alone.
    Needs no gradient.
    Source: Zeiler & Fergus 2014, "Visualizing and understanding convolutional networks".
    """
    axes = x.shape[:2]
    size = max(1, round(min(axes) / _PARTS)) if x.ndim > 1 else 1
    stride = max(1, size // 2)
    starts = [range(stride - size, length, stride) for length in axes]
    corners = list(itertools.product(*starts))
    covers = np.zeros((len(corners), *axes), bool)
    for cover, corner in zip(covers, corners, strict=True):
        cover[tuple(slice(max(0, start), start + size) for start in corner)] = True
    masks = covers.reshape(*covers.shape, *(1,) * (x.ndim - len(axes)))
    drops = score.values(x[None])[0] - score.values(np.where(masks, baseline, x))
    means = np.tensordot(drops.astype(np.float64), covers, 1) / covers.sum(axis=0)
    return np.broadcast_to(means.reshape(masks.shape[1:]), x.shape).copy()
