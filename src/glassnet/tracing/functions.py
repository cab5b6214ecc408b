"""The functions of the array API for traced arrays, expressed in the kinds of `kinds.py`.

This module is the `__array_namespace__` of a `TracedArray`, as `numpy` is that of its arrays.
"""

import builtins
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.tracing.array import TracedArray
from glassnet.tracing.recorder import Drawn, active

bool = np.dtype(np.bool_)
int32 = np.dtype(np.int64)  # integers of a program have one dtype, and so have floats
int64 = int32
uint8 = np.dtype(np.uint8)
uint32 = np.dtype(np.uint32)  # of the keys of random draws
float32 = np.dtype(np.float64)
float64 = float32
pi, inf, nan, newaxis, e = np.pi, np.inf, np.nan, None, np.e

finfo, isdtype, result_type = np.finfo, np.isdtype, np.result_type


def _index(x: Any) -> int:
    return x.index if isinstance(x, TracedArray) else active().constant(x)


def _record(kind: str, *operands: Any, **settings: Any) -> TracedArray:
    indices = [_index(x) for x in operands]
    return TracedArray(active().record(kind, indices, **settings))


def _elementwise(kind: str) -> Callable[..., TracedArray]:
    def function(*operands: Any) -> TracedArray:
        return _record(kind, *operands)

    function.__name__ = kind
    return function


negative, abs, exp, expm1 = map(_elementwise, ("negative", "abs", "exp", "expm1"))
log, log1p, sin, cos, tanh = map(_elementwise, ("log", "log1p", "sin", "cos", "tanh"))
sqrt, sign, floor, erf = map(_elementwise, ("sqrt", "sign", "floor", "erf"))
isfinite, bitwise_invert = map(_elementwise, ("isfinite", "not"))
subtract, multiply, divide = map(_elementwise, ("subtract", "multiply", "divide"))
floor_divide, remainder = map(_elementwise, ("floor_divide", "remainder"))
ldexp, maximum, minimum = map(_elementwise, ("ldexp", "maximum", "minimum"))
less, less_equal, greater = map(_elementwise, ("less", "less_equal", "greater"))
greater_equal, equal, not_equal = map(_elementwise, ("greater_equal", "equal", "not_equal"))
bitwise_and, bitwise_or, bitwise_xor = map(_elementwise, ("and", "or", "xor"))
matmul = _elementwise("matmul")


def _logical(kind: str) -> Callable[..., TracedArray]:
    return lambda *operands: _record(kind, *(astype(x, bool) for x in operands))


logical_and, logical_or, logical_xor, logical_not = map(_logical, ("and", "or", "xor", "not"))


def where(condition: Any, x: Any, y: Any) -> TracedArray:
    return _record("where", astype(condition, bool), x, y)


def add(x: Any, y: Any) -> Any:
    """x + y; x itself if y is the number 0, with which `sum` starts."""
    for one, other in ((x, y), (y, x)):
        if isinstance(one, int | float) and one == 0 and isinstance(other, TracedArray):
            return other
    return _record("add", x, y)


def round(x: Any, decimals: int = 0) -> TracedArray:
    if decimals:
        return divide(_record("round", multiply(x, 10.0**decimals)), 10.0**decimals)
    return _record("round", x)


def pow(x: Any, exponent: Any) -> TracedArray:
    """x ** exponent; a square is a product, a power of ½ a square root, of −1 a quotient."""
    if isinstance(exponent, int | float):
        if exponent == 2:
            return multiply(x, x)
        if exponent == 0.5:
            return sqrt(x)
        if exponent == -1:
            return divide(1.0, x)
        if exponent == 1:
            return asarray(x)
    return _record("power", x, exponent)


def square(x: Any) -> TracedArray:
    return multiply(x, x)


def frexp(x: Any) -> tuple[TracedArray, TracedArray]:
    exponent = _record("exponent", x)
    return ldexp(x, negative(exponent)), exponent


def clip(x: Any, low: Any = None, high: Any = None, /, min: Any = None, max: Any = None) -> Any:
    low, high = low if min is None else min, high if max is None else max
    x = x if low is None else maximum(x, low)
    return x if high is None else minimum(x, high)


def exp2(x: Any) -> TracedArray:
    return _record("power", 2.0, x)


def log2(x: Any) -> TracedArray:
    return divide(log(x), np.log(2.0))


def arange(start: Any, stop: Any = None, step: Any = 1, /, *, dtype: Any = None) -> Any:
    start, stop = (0, start) if stop is None else (start, stop)
    return asarray(np.arange(start, stop, step), dtype=dtype)


def asarray(values: Any, *, dtype: Any = None, copy: Any = None) -> Any:
    if isinstance(values, list | tuple) and any_traced(values):
        values = stack([asarray(value) for value in values])
    if not isinstance(values, TracedArray):
        if dtype == uint32:
            return np.asarray(values, dtype).view(Drawn)
        values = TracedArray(
            active().constant(values if dtype is None else np.asanyarray(values, dtype))
        )
    return values if dtype is None else astype(values, dtype)


array = asarray


def any_traced(values: Any) -> builtins.bool:
    return builtins.any(
        isinstance(v, TracedArray) or (isinstance(v, list | tuple) and any_traced(v))
        for v in values
    )


def astype(x: Any, dtype: Any, /, *, copy: Any = None) -> Any:
    if not isinstance(x, TracedArray):
        return asarray(x, dtype=dtype)
    kind = np.dtype(dtype).kind
    name = "float64" if kind == "f" else "bool" if kind == "b" else "int64"
    return x if str(x.dtype) == name else _record("astype", x, dtype=name)


def full(shape: Any, value: Any, *, dtype: Any = None) -> Any:
    shape = (shape,) if isinstance(shape, int | np.integer) else tuple(shape)
    if isinstance(value, TracedArray):
        return broadcast_to(value if dtype is None else astype(value, dtype), shape)
    return asarray(np.full(shape, value, dtype or None), dtype=dtype)


def full_like(x: Any, value: Any, *, dtype: Any = None) -> Any:
    return full(x.shape, value, dtype=dtype or x.dtype)


def zeros(shape: Any, *, dtype: Any = None) -> Any:
    return full(shape, 0, dtype=dtype or float64)


def ones(shape: Any, *, dtype: Any = None) -> Any:
    return full(shape, 1, dtype=dtype or float64)


empty = zeros


def zeros_like(x: Any, *, dtype: Any = None) -> Any:
    return full_like(x, 0, dtype=dtype)


def ones_like(x: Any, *, dtype: Any = None) -> Any:
    return full_like(x, 1, dtype=dtype)


def _axes(x: Any, axis: Any) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(x.ndim))
    return tuple(int(a) % x.ndim for a in (axis if isinstance(axis, tuple | list) else (axis,)))


def _reduce(kind: str) -> Callable[..., Any]:
    def function(x: Any, axis: Any = None, *, keepdims: builtins.bool = False) -> Any:
        x = asarray(x)
        return _record(kind, x, axis=list(_axes(x, axis)), keepdims=builtins.bool(keepdims))

    function.__name__ = kind
    return function


sum, max, min, any, all = map(_reduce, ("sum", "max", "min", "any", "all"))


def mean(x: Any, axis: Any = None, *, keepdims: builtins.bool = False) -> Any:
    x = asarray(x)
    count = int(np.prod([x.shape[a] for a in _axes(x, axis)]))
    return divide(sum(x, axis, keepdims=keepdims), count)


def var(x: Any, axis: Any = None, *, keepdims: builtins.bool = False) -> Any:
    difference = subtract(x, mean(x, axis, keepdims=True))
    return mean(multiply(difference, difference), axis, keepdims=keepdims)


def std(x: Any, axis: Any = None, *, keepdims: builtins.bool = False) -> Any:
    return sqrt(var(x, axis, keepdims=keepdims))


def argmax(x: Any, axis: Any = None, *, keepdims: builtins.bool = False) -> Any:
    x = asarray(x)
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    y = _record("argmax", x, axis=int(axis) % x.ndim)
    return expand_dims(y, axis=axis) if keepdims else y


def argmin(x: Any, axis: Any = None, *, keepdims: builtins.bool = False) -> Any:
    return argmax(negative(x), axis, keepdims=keepdims)


def argsort(x: Any, *, axis: int = -1, stable: builtins.bool = True, kind: Any = None) -> Any:
    return _record("argsort", x, axis=axis % x.ndim)


def sort(x: Any, *, axis: int = -1) -> Any:
    return take_along_axis(x, argsort(x, axis=axis), axis=axis)


def searchsorted(x: Any, values: Any, *, side: str = "left") -> Any:
    return _record("searchsorted", x, values, side=side)


def cumulative_sum(x: Any, axis: int | None = None) -> Any:
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    return _record("cumulative_sum", x, axis=axis % x.ndim)


def reshape(x: Any, shape: Any) -> Any:
    x = asarray(x)
    shape = (shape,) if isinstance(shape, int | np.integer) else shape
    shape = np.broadcast_to(0, x.shape).reshape(tuple(map(int, shape))).shape
    return x if shape == x.shape else _record("reshape", x, shape=list(shape))


def expand_dims(x: Any, axis: Any) -> Any:
    return reshape(x, np.expand_dims(np.broadcast_to(0, x.shape), axis).shape)


def squeeze(x: Any, axis: Any = None) -> Any:
    return reshape(x, np.squeeze(np.broadcast_to(0, x.shape), axis).shape)


def permute_dims(x: Any, axes: Sequence[int] | None = None) -> Any:
    x = asarray(x)
    axes = [int(a) % x.ndim for a in (range(x.ndim)[::-1] if axes is None else axes)]
    return x if axes == list(range(x.ndim)) else _record("permute", x, axes=axes)


def moveaxis(x: Any, source: Any, place: Any) -> Any:
    lengths = np.broadcast_to(0, range(x.ndim))  # each axis has its number as its length
    return permute_dims(x, np.moveaxis(lengths, source, place).shape)


def swapaxes(x: Any, one: int, other: int) -> Any:
    order = list(range(x.ndim))
    order[one], order[other] = order[other], order[one]
    return permute_dims(x, order)


def broadcast_to(x: Any, shape: Any) -> Any:
    x = asarray(x)
    shape = tuple(map(int, (shape,) if isinstance(shape, int | np.integer) else shape))
    return x if x.shape == shape else _record("broadcast", x, shape=list(shape))


def concat(arrays: Sequence[Any], *, axis: int | None = 0) -> Any:
    parts = [asarray(part) for part in arrays]
    if axis is None:
        parts, axis = [reshape(part, (-1,)) for part in parts], 0
    return parts[0] if len(parts) == 1 else _record("concat", *parts, axis=axis % parts[0].ndim)


def stack(arrays: Sequence[Any], *, axis: int = 0) -> Any:
    parts = [asarray(part) for part in arrays]
    return _record("stack", *parts, axis=axis % (parts[0].ndim + 1))


def flip(x: Any, axis: Any = None) -> Any:
    axes = _axes(x, axis)
    return x[tuple(slice(None, None, -1) if a in axes else slice(None) for a in range(x.ndim))]


def pad(x: Any, widths: Any, mode: str = "constant", *, constant_values: float = 0) -> Any:
    if mode != "constant":
        raise GlassnetError(f"pads by {mode}, which can't be traced.", where="glassnet.trace")
    pairs = np.broadcast_to(np.asarray(widths, int), (x.ndim, 2)).tolist()
    if not np.any(pairs):
        return x
    return _record("pad", x, widths=pairs, value=float(constant_values))


def repeat(x: Any, times: int, axis: int | None = None) -> Any:
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    return _record("repeat", x, times=int(times), axis=axis % x.ndim)


def take(x: Any, places: Any, axis: int | None = None, *, mode: str = "raise") -> Any:
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    x = asarray(x)
    if mode == "clip":
        places = clip(places, 0, x.shape[axis] - 1)
    return _record("take", x, places, axis=axis % x.ndim)


def take_along_axis(x: Any, places: Any, *, axis: int = -1) -> Any:
    return _record("take_along", x, places, axis=axis % asarray(x).ndim)
