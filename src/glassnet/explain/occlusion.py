"""Occlusion: how much the score drops when a part of the example is covered."""

import itertools

import numpy as np

from glassnet.core.arrays import Array
from glassnet.explain.score import Score
from glassnet.layers.base import Shape

_PARTS = 7  # the side of a window is the shorter side of the image divided by this


def occlusion(score: Score, x: Array, baseline: Array) -> Array:
    """φₚ = mean of s(x) − s(x with a window at the baseline), over the windows that cover p.

    In an image, (H, W) or (H, W, C), windows are squares that cover all channels; their side is a
    7th of the shorter side, their stride half of that. In a row, each value is covered
    alone; of embedded ids, each with its vector. Needs no gradient.
    Source: Zeiler & Fergus 2014, "Visualizing and understanding convolutional networks".
    """
    layout, parts = score.layout(x), []
    at_x, start = score.values(x[None])[0], 0
    for shape in layout.shapes:
        covers = _windows(shape)
        masks = np.zeros((len(covers), layout.values), bool)
        masks[:, start : start + covers[0].size] = covers.reshape(len(covers), -1)
        start += covers[0].size
        drops = at_x - score.values(np.where(masks[:, layout.owner], baseline, x))
        means = np.tensordot(drops.astype(np.float64), covers, 1) / covers.sum(axis=0)
        parts.append(means.reshape(-1))
    sizes = np.bincount(layout.owner.reshape(-1), minlength=layout.values)
    return (np.concatenate(parts) / np.maximum(sizes, 1))[layout.owner]  # vectors sum to the drop


def _windows(shape: Shape) -> Array:
    """The windows that are covered, (windows, *shape)."""
    axes = shape[:2]
    size = max(1, round(min(axes) / _PARTS)) if len(shape) > 1 else 1
    stride = max(1, size // 2)
    starts = [range(stride - size, length, stride) for length in axes]
    corners = list(itertools.product(*starts))
    covers = np.zeros((len(corners), *axes), bool)
    for cover, corner in zip(covers, corners, strict=True):
        cover[tuple(slice(max(0, start), start + size) for start in corner)] = True
    covers = covers.reshape(*covers.shape, *(1,) * (len(shape) - len(axes)))
    return np.broadcast_to(covers, (len(covers), *shape))
