"""Arrays of data, and tuples of them where a network has several inputs or outputs."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from glassnet.core import protocols
from glassnet.core.errors import GlassnetError

Array = np.ndarray[Any, np.dtype[Any]]


def map_arrays(function: Callable[..., Any], data: Any) -> Any:
    """The function of an array, or of every array in a tuple, and in the tuples in it."""
    if isinstance(data, tuple):
        return tuple([map_arrays(function, part) for part in data])
    return function(data)


def as_tuple(data: Any) -> tuple[Any, ...]:
    """A tuple of arrays as it is, one array as a tuple of it."""
    return data if isinstance(data, tuple) else (data,)


def length(data: Any) -> int:
    """The number of examples in an array, or in each array of a tuple."""
    return len(as_tuple(data)[0])


def as_array(values: Any, what: str) -> Array:
    """Lists as an array; raises for rows of different lengths and for what gives batches."""
    if hasattr(values, "__next__") or hasattr(values, "as_numpy_iterator"):
        raise GlassnetError(
            f"is a {type(values).__name__}; an array is needed, which is read in a new order each "
            "epoch.",
            where=what,
            fix="Gather it: x, y = map(numpy.concatenate, zip(*batches)), then fit(x, y).",
        )
    try:
        array: Array = np.asarray(values)
    except ValueError as error:
        raise GlassnetError(
            "has rows of different shapes.", where=what, fix="Pad or cut them to one."
        ) from error
    return array


def lowest(values: Sequence[float]) -> int:
    """The place of the lowest number; NaN is none."""
    return int(np.argmin(np.nan_to_num(values, nan=np.inf)))


def distance(a: Array, b: Array, least: float = 1.0) -> float:
    """Largest |a − b| relative to the largest |b|, or to `least` if that is smaller.

    Infinite if the shapes differ or a number is NaN or infinite.
    """
    a, b = np.asarray(a, np.float64), np.asarray(b)
    if a.shape != b.shape:
        return math.inf
    apart = float(np.max(np.abs(a - b), initial=0.0))
    size = max(least, float(np.max(np.abs(b), initial=0.0)))
    return apart / size if math.isfinite(apart) and math.isfinite(size) else math.inf


def require_finite(values: Array, where: str, dtype: str | None = None) -> Array:
    """The numbers, as `dtype` if given; raises if one is NaN or infinite, naming the first row.

    One pass without a copy; the rows are looked at only if it finds something.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        values = values if dtype is None else values.astype(dtype, copy=False)
        total = values.sum(dtype=np.float64)
    if not np.isfinite(total):
        bad = ~np.isfinite(values.reshape(len(values), -1)).all(axis=1)
        if bad.any():
            large = f" or a number too large for {dtype}" if dtype else ""
            raise GlassnetError(
                f"{bad.sum()} of {len(values)} rows contain NaN, infinity{large}, the first is row "
                f"{bad.argmax()}.",
                where=where,
                fix="Drop those rows or fill the gaps: x[numpy.isfinite(x).all(axis=1)].",
            )
    return values


def checked_weights(
    weights: Any, rows: int, outputs: tuple[int, ...], dtype: str, what: str = "sample_weight"
) -> Array | None:
    """Weights (N,), or (N, T) where outputs have steps: finite numbers ≥ 0."""
    if weights is None:
        return None
    weights = np.asarray(weights)
    if weights.dtype.kind not in "biuf":
        raise GlassnetError(f"has dtype {weights.dtype}, not numbers.", where=what)
    if weights.shape == (rows, 1):
        weights = weights[:, 0]
    if weights.shape not in ((rows,), (rows, *outputs[:-1])):
        raise GlassnetError(
            f"has shape {weights.shape}, but there are {rows} examples.",
            where=what,
            fix="Give one number for each example.",
        )
    weights = require_finite(np.asarray(weights, dtype), what)
    if (weights < 0).any():
        raise GlassnetError(f"row {np.argwhere(weights < 0)[0][0]} is below 0.", where=what)
    found: Array = weights
    return found


def whole_number(value: Any, name: str, least: int) -> int:
    """`value` as an int of at least `least`; NumPy's integers are welcome, booleans are not."""
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= least:
        return int(value)
    raise GlassnetError(f"must be a whole number ≥ {least}, got {value!r:.80}.", where=name)


def spread(weights: protocols.Array, values: protocols.Array) -> protocols.Array:
    """The weights with as many axes as the values: an example's weight is that of all its steps."""
    return weights.reshape(weights.shape + (1,) * (values.ndim - weights.ndim))


def factors(values: protocols.Array, *weights: protocols.Array | None) -> protocols.Array | None:
    """What the values are multiplied by: the product of the weights that there are."""
    product: protocols.Array | None = None
    for one in weights:
        if one is not None:
            one = spread(one, values)
            product = one if product is None else product * one
    return product
