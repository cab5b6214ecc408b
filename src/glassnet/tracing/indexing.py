"""x[key], by basic indexing, and by `take` where the key has arrays of integers."""

from math import prod
from typing import Any

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.tracing.array import TracedArray
from glassnet.tracing.functions import asarray, remainder, reshape, take
from glassnet.tracing.recorder import active

_ALL = slice(None)


def get_item(x: TracedArray, key: Any) -> Any:
    """Return x[key] as NumPy does.

    A key of booleans depends on the values how many entries there are: what it selects is no longer
    traced.
    """
    parts = key if isinstance(key, tuple) else (key,)
    if any(_is_mask(part) for part in parts):
        return np.asarray(x)[tuple(np.asarray(p) if _is_array(p) else p for p in parts)]
    parts = _without_ellipsis(parts, x.ndim)
    places = [i for i, part in enumerate(parts) if _is_array(part)]
    if not places:
        return _basic(x, parts)
    first, last = places[0], places[-1]
    whole = [i for i, part in enumerate(parts) if isinstance(part, int | np.integer)]
    if last - first + 1 > len(places) or whole:
        raise GlassnetError(
            "indexes by arrays that are not on neighboring axes, or by arrays and integers: this "
            "can't be traced.",
            where="glassnet.trace",
            fix="Index in two steps.",
        )
    y = _basic(x, tuple(_ALL if _is_array(part) else part for part in parts))
    arrays = [asarray(part) for part in parts[first : last + 1]]
    if len(arrays) == 1:
        return take(y, arrays[0], axis=first)
    lengths = y.shape[first : last + 1]
    strides = [prod(lengths[i + 1 :]) for i in range(len(lengths))]
    flat: Any = 0
    for array, length, stride in zip(arrays, lengths, strides, strict=True):
        flat = remainder(array, length) * stride + flat
    y = reshape(y, (*y.shape[:first], prod(lengths), *y.shape[last + 1 :]))
    return take(y, flat, axis=first)


def _basic(x: TracedArray, parts: tuple[Any, ...]) -> TracedArray:
    """Return x[parts] for integers, slices and None; x itself if that is all of it."""
    key: list[Any] = []
    axis = 0
    for part in parts:
        if part is None:
            key.append(None)
            continue
        n = x.shape[axis]
        axis += 1
        if isinstance(part, slice):
            start, stop, step = part.indices(n)
            key.append([start, stop if stop >= 0 else None, step])
        else:
            if not -n <= part < n:
                raise IndexError(f"index {part} is out of bounds for an axis of length {n}")
            key.append(int(part) % n)
    if None not in key and all(k == [0, n, 1] for k, n in zip(key, x.shape, strict=True)):
        return x
    return TracedArray(active().record("getitem", [x.index], key=key))


def _without_ellipsis(parts: tuple[Any, ...], ndim: int) -> tuple[Any, ...]:
    """Return the key with one entry for each axis, besides those that are None."""
    more = (_ALL,) * (ndim - sum(part is not None and part is not Ellipsis for part in parts))
    dots = [i for i, part in enumerate(parts) if part is Ellipsis]
    if not dots:
        return (*parts, *more)
    return (*parts[: dots[0]], *more, *parts[dots[0] + 1 :])


def _is_array(part: Any) -> bool:
    return isinstance(part, TracedArray | np.ndarray | list)


def _is_mask(part: Any) -> bool:
    return isinstance(part, bool | np.bool) or (
        _is_array(part) and np.asarray(getattr(part, "value", part)).dtype.kind == "b"
    )
