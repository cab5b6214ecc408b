"""Checks and helpers for arrays, and for tuples of arrays (multiple inputs or outputs)."""

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from glassnet.core import protocols
from glassnet.core.errors import GlassnetError
from glassnet.core.functions import is_function, name_of
from glassnet.core.mapped import rows_of

Array = np.ndarray[Any, np.dtype[Any]]


def map_arrays(function: Callable[..., Any], data: Any) -> Any:
    """Return function(data), or a tuple of the same structure if data is a (nested) tuple."""
    if isinstance(data, tuple):
        return tuple([map_arrays(function, part) for part in data])
    return function(data)


def as_tuple(data: Any) -> tuple[Any, ...]:
    """Return a tuple unchanged, and a single array as a tuple of length 1."""
    return data if isinstance(data, tuple) else (data,)


def length(data: Any) -> int:
    """Return the number of examples in an array, or in each array of a tuple."""
    return len(as_tuple(data)[0])


def shapes_of(data: Any) -> Any:
    """Return the shape of an example, or the shapes of its parts if data is a tuple of arrays."""
    return map_arrays(lambda array: array.shape[1:], data)


def take(data: Any, rows: Any) -> Any:
    """Return these rows of an array, or of each array of a tuple."""
    return map_arrays(lambda array: rows_of(array, rows), data)


def as_array(values: Any, what: str) -> Array:
    """Return the values as an array; raises for values that are none, or that hide some entries.

    They are rows of different lengths, generators, masked arrays, tensors that NumPy can't read.
    Sparse matrices become dense if they are not large, numbers of 16 bits or fewer that NumPy does
    not have (bfloat16) become float32, and PyTorch's tensors leave their device and graph.
    """
    if type(values) is np.ndarray:
        return _with_numpy_s_dtype(values)
    if hasattr(values, "to_tensor"):
        raise GlassnetError(
            "is a ragged tensor.", where=what, fix="Pad its rows to one length: x.to_tensor()."
        )
    if hasattr(values, "dense_shape"):
        raise GlassnetError(
            "is a sparse tensor.", where=what, fix="Convert it: tensorflow.sparse.to_dense(x)."
        )
    if hasattr(values, "__next__") or hasattr(values, "as_numpy_iterator"):
        raise GlassnetError(
            f"is a {type(values).__name__}, but an array is needed: each epoch reads it in a new "
            "order.",
            where=what,
            fix="Join its batches: x, y = map(numpy.concatenate, zip(*batches)), then fit(x, y).",
        )
    if hasattr(values, "toarray"):
        values = _dense(values, what)
    if _has_mask(values):
        raise GlassnetError(
            "is a masked array with masked entries, which would count as numbers.",
            where=what,
            fix="Fill them, x.filled(0), or drop their rows; weights can be filled with 0.",
        )
    try:
        array = np.asarray(_without_graph(values))
    except Exception as error:  # of NumPy, or of the library that the values are from
        if "inhomogeneous" in str(error):
            pair = isinstance(values, tuple) and len(values) == 2
            fix = "Write fit(x, y), not fit((x, y))." if pair else "Pad or cut them to one shape."
            raise GlassnetError("has rows of different shapes.", where=what, fix=fix) from error
        raise GlassnetError(
            f"is a {type(values).__name__} that NumPy can't read ({error}).",
            where=what,
            fix="Convert it to an array first; a PyTorch tensor: x.detach().cpu().float().numpy().",
        ) from error
    if array.dtype == object and array.ndim == 0 and values is not None:
        raise GlassnetError(
            f"is a {type(values).__name__}, not an array.",
            where=what,
            fix=f"Call it: {name_of(values)}()."
            if is_function(values)
            else "Convert it to an array first.",
        )
    return _with_numpy_s_dtype(array)


def _dense(matrix: Any, what: str) -> Any:
    """Return a sparse matrix as an array; raises if that would be large."""
    size = math.prod(matrix.shape) * matrix.dtype.itemsize
    if size > _DENSE_BYTES:
        raise GlassnetError(
            f"is a sparse matrix, which would take {size / 2**30:.1f} GiB as an array.",
            where=what,
            fix="Pass batches: a PyDataset whose __getitem__ returns (x[rows].toarray(), y[rows]).",
        )
    return matrix.toarray()


def _without_graph(values: Any) -> Any:
    """Return PyTorch's tensors, also those in a list, as tensors that NumPy can read."""
    if isinstance(values, list | tuple) and values and hasattr(values[0], "detach"):
        return [_without_graph(value) for value in values]
    if not hasattr(values, "detach"):
        return values
    values = values.detach().cpu()
    if str(values.layout) != "torch.strided":
        values = values.to_dense()
    return values.float() if values.is_floating_point() and values.itemsize <= 2 else values


def _with_numpy_s_dtype(array: Array) -> Array:
    """Return bfloat16 and other numbers of ml_dtypes as float32, which holds them exactly."""
    of_ml_dtypes = array.dtype.kind == "V" and array.dtype.type is not np.void
    return array.astype(np.float32) if of_ml_dtypes else array


_DENSE_BYTES = 2**30  # of the array that a sparse matrix becomes
_MAY_BE_MASKED = list, tuple, np.ma.MaskedArray


def _has_mask(values: Any) -> bool:
    """True if an entry of a masked array, or of one in (nested) lists, is masked."""
    if isinstance(values, list | tuple):
        nested = any(issubclass(kind, _MAY_BE_MASKED) for kind in set(map(type, values)))
        return nested and any(map(_has_mask, values))
    return bool(np.ma.is_masked(values))


def as_numbers(values: Any, what: str, fix: str = "") -> Array:
    """Return the values as an array of numbers; `fix` is for values that are not."""
    array = as_array(values, what)
    if array.dtype.kind not in "biuf":
        raise GlassnetError(
            f"has dtype {array.dtype}, but must contain numbers.",
            where=what,
            fix=fix or 'Convert them: x.astype("float32").',
        )
    return array


def as_weight(values: Any, shape: tuple[Any, ...], dtype: str, where: str) -> Array:
    """Return a copy of a weight's values; raises unless finite numbers of this shape and dtype."""
    array = as_numbers(values, where)
    if array.shape != tuple(shape):
        raise GlassnetError(f"has shape {tuple(shape)}, got {array.shape}.", where=where)
    with np.errstate(over="ignore"):
        array = np.array(array, dtype)
    if not np.isfinite(array).all():
        raise GlassnetError(
            f"got NaN, infinity or a number too large for {dtype}.",
            where=where,
            fix="Check where the numbers come from: weights must be finite.",
        )
    return array


_BLOCKS, _BLOCK = 16, 1024  # of neighboring entries: a sample of large arrays


def warn_if_merged(values: Array, numbers: Array, what: str) -> None:
    """Warn if different whole numbers became the same number in `numbers`, which are the values in
    the dtype of the network.

    float32 holds every whole number up to 2^24, float64 up to 2^53. Of many numbers, a sample is
    compared: neighbors are close together in sorted arrays, and of shuffled ones, some pairs are.
    """
    dtype = numbers.dtype
    if dtype == values.dtype or values.dtype.itemsize <= 2 or not values.size:
        return
    limit = 2 ** (np.finfo(dtype).nmant + 1)
    if numbers.max() < limit and numbers.min() > -limit:
        return
    large = _large(_sampled(values), limit)
    if not large.size:  # they are few
        large = _sampled(_large(values, limit))
    whole = np.sort(large if large.dtype.kind in "iu" else large[large == np.trunc(large)])
    merged = (whole[1:] != whole[:-1]) & (np.diff(whole.astype(dtype)) == 0)
    if merged.any():
        first = merged.argmax()
        warnings.warn(
            f"{what}: {int(whole[first])} and {int(whole[first + 1])} are the same number in "
            f"{dtype}, which does not hold every whole number above {limit:,}. Subtract an offset, "
            "or number the values 0, 1, 2, ...; ids and times in seconds are of this kind.",
            stacklevel=2,
        )


def _large(values: Array, limit: int) -> Array:
    """Return the values that may be rounded."""
    return values[(values >= limit) | (values <= -limit)]


def _sampled(values: Array) -> Array:
    """Return blocks of neighboring rows, evenly spaced, or all rows if there are few."""
    rows = max(1, _BLOCK * len(values) // max(values.size, 1))
    if len(values) <= _BLOCKS * rows:
        return values
    starts = np.linspace(0, len(values) - rows, _BLOCKS).astype(np.int64)
    return np.concatenate([values[start : start + rows] for start in starts])


def lowest(values: Sequence[float]) -> int:
    """Return the index of the lowest number, ignoring NaN."""
    return int(np.argmin(np.nan_to_num(values, nan=np.inf)))


def ranks_of(values: Array) -> Array:
    """Return the ranks from 1, ties averaged, as scipy.stats does (slow to import)."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[places]


def distance(a: Array, b: Array, least: float = 1.0) -> float:
    """Return max |a − b| / max(max |b|, least), the largest relative difference.

    Infinite if the shapes differ or a number is non-finite (NaN or infinite).
    """
    a, b = np.asarray(a, np.float64), np.asarray(b)
    if a.shape != b.shape:
        return math.inf
    largest = float(np.max(np.abs(a - b), initial=0.0))
    scale = max(least, float(np.max(np.abs(b), initial=0.0)))
    return largest / scale if math.isfinite(largest) and math.isfinite(scale) else math.inf


def require_finite(values: Array, where: str, dtype: str | None = None) -> Array:
    """Return the values, as `dtype` if given; raises if one is non-finite, naming the first row.

    One pass without a copy: rows are checked one by one only if the sum is non-finite.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        values = values if dtype is None else values.astype(dtype, copy=False)
        total = values.sum(dtype=np.float64)
    if not np.isfinite(total):
        invalid = ~np.isfinite(values.reshape(len(values), -1)).all(axis=1)
        if invalid.any():
            too_large = f" or a number too large for {dtype}" if dtype else ""
            raise GlassnetError(
                f"{invalid.sum()} of {len(values)} rows contain NaN, infinity{too_large}; the "
                f"first is row {invalid.argmax()}.",
                where=where,
                fix="Drop those rows or fill the gaps: x[numpy.isfinite(x).all(axis=1)].",
            )
    return values


def checked_weights(
    weights: Any, rows: int, outputs: tuple[int, ...], dtype: str, what: str = "sample_weight"
) -> Array | None:
    """Return the weights as (N,), or (N, T) for outputs with T steps; raises unless finite, ≥ 0."""
    if weights is None:
        return None
    weights = as_numbers(weights, what)
    if weights.shape == (rows, 1):
        weights = weights[:, 0]
    if weights.shape not in ((rows,), (rows, *outputs[:-1])):
        raise GlassnetError(
            f"has shape {weights.shape}, but there are {rows} examples.",
            where=what,
            fix="Give one number for each example.",
        )
    weights = require_finite(weights, what, dtype)
    if (weights < 0).any():
        raise GlassnetError(f"row {np.argwhere(weights < 0)[0][0]} is below 0.", where=what)
    return weights


def whole_number(value: Any, name: str, least: int) -> int:
    """Return `value` as an int; raises unless it is a whole number ≥ `least` (not a boolean)."""
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= least:
        return int(value)
    raise GlassnetError(f"must be a whole number ≥ {least}, got {value!r:.80}.", where=name)


def optional_number(value: Any, name: str) -> int | None:
    """Return None, or a whole number ≥ 1; raises for anything else."""
    return None if value is None else whole_number(value, name, 1)


def require_classes(labels: Any, classes: int, where: str) -> None:
    """Raise unless all labels are the indices of classes, 0 to `classes` − 1."""
    labels = np.asarray(labels)
    outside = labels[(labels < 0) | (labels >= classes)]
    if outside.size:
        raise GlassnetError(
            f"class {outside[0]:g} is outside 0..{classes - 1}.",
            where=where,
            fix="Leave it out.",
        )


def spread(weights: protocols.Array, values: protocols.Array) -> protocols.Array:
    """The weights with as many axes as the values: an example's weight is that of all its steps."""
    return weights.reshape(weights.shape + (1,) * (values.ndim - weights.ndim))


def factors(values: protocols.Array, *weights: protocols.Array | None) -> protocols.Array | None:
    """What the values are multiplied by: the product of the weights that there are."""
    product: protocols.Array | None = None
    for one in weights:
        if one is not None:
            if one.ndim > values.ndim:
                raise GlassnetError(
                    f"a loss or metric has values of shape {values.shape}, to which "
                    f"weights or a mask of shape {one.shape} can't apply.",
                    where="compile",
                    fix="Return one number for each example, and for each step: .mean(axis=-1).",
                )
            one = spread(one, values)
            product = one if product is None else product * one
    return product
