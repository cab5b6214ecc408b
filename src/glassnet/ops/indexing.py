"""Selecting a part of an array by integers and slices."""

import numpy as np

from glassnet.core.protocols import Array, namespace
from glassnet.ops import ArrayPullback

Key = tuple[int | slice | None, ...]


def get_item(x: Array, key: Key) -> tuple[Array, ArrayPullback]:
    """y = x[key], for integers, slices, and None for a new axis; the gradient elsewhere is 0."""
    xp = namespace(x)
    axes = [entry for entry in key if entry is not None]
    ranges = [
        range(n)[entry] if isinstance(entry, slice) else range(n)[entry : entry + 1 or None]
        for n, entry in zip(x.shape, axes, strict=False)
    ]

    def pullback(dy: Array) -> Array:
        dx = dy.reshape(*map(len, ranges), *x.shape[len(ranges) :])
        for axis, indices in enumerate(ranges):
            n = x.shape[axis]
            if indices == range(n):
                continue
            places = np.full(n, len(indices))  # in dx, which gets a row of zeros at its end
            places[np.asarray(indices)] = np.arange(len(indices))
            zeros = xp.zeros((*dx.shape[:axis], 1, *dx.shape[axis + 1 :]), dtype=dx.dtype)
            dx = xp.take(xp.concat((dx, zeros), axis=axis), xp.asarray(places), axis=axis)
        return dx

    return x[key], pullback
