"""`TracedArray`: an array whose arithmetic is recorded.

Operations, losses, pullbacks and optimizer rules are written against the array library of their
arrays (`core.protocols`). For this array, that library is `tracing.functions`.
"""

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.tracing.kinds import Value
from glassnet.tracing.recorder import active


class TracedArray:
    """The value of an operation of the active recorder."""

    __slots__ = ("index", "value")

    def __init__(self, index: int) -> None:
        self.index = index
        self.value: Value = active().operations[index].value

    shape = property(lambda self: self.value.shape)
    ndim = property(lambda self: self.value.ndim)
    size = property(lambda self: self.value.size)
    dtype = property(lambda self: self.value.dtype)
    T = property(lambda self: _xp().permute_dims(self, range(self.ndim)[::-1]))
    mT = property(lambda self: _xp().moveaxis(self, -1, -2))  # noqa: N815

    def __repr__(self) -> str:
        return f"TracedArray({self.value!r})"

    def __array_namespace__(self, *, api_version: Any = None) -> ModuleType:
        return _xp()

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """Record what `numpy.exp(x)`, or an array of NumPy times x, computes."""
        function = getattr(_xp(), _UFUNCS.get(ufunc.__name__, ufunc.__name__), None)
        if method != "__call__" or function is None or options:
            raise _unknown(f"numpy.{ufunc.__name__}" + (f".{method}" * (method != "__call__")))
        return function(*inputs)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        """Record what functions of NumPy that are no ufuncs compute."""
        if function in (np.shape, np.ndim, np.size):
            return function(np.broadcast_to(0, args[0].shape), *args[1:], **options)
        name = function.__name__
        own = getattr(_xp(), _FUNCTIONS.get(name, name), None)
        if own is None:
            raise _unknown(f"numpy.{name}")
        return own(*args, **options)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        """The value, for code that decides by it what to compute."""
        active().decide(self.index)
        return np.array(self.value, dtype)

    def __bool__(self) -> bool:
        return bool(np.asarray(self))

    def __int__(self) -> int:
        return int(np.asarray(self))

    __index__ = __int__

    def __float__(self) -> float:
        return float(np.asarray(self))

    def __format__(self, spec: str) -> str:
        return format(self.value[()] if self.ndim == 0 else self.value, spec)

    def item(self) -> Any:
        return np.asarray(self).item()

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator["TracedArray"]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, key: Any) -> Any:
        from glassnet.tracing.indexing import get_item

        return get_item(self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        raise GlassnetError(
            "writes into an array, which can't be traced.",
            where="glassnet.trace",
            fix="Compute a new array: where, concat or stack in place of x[i] = y.",
        )

    __hash__ = object.__hash__

    def reshape(self, *shape: Any) -> Any:
        return _xp().reshape(self, shape[0] if isinstance(shape[0], tuple | list) else shape)

    def ravel(self) -> Any:
        return _xp().reshape(self, (-1,))

    flatten = ravel

    def transpose(self, *axes: Any) -> Any:
        if not axes:
            return self.T
        return _xp().permute_dims(self, axes[0] if isinstance(axes[0], tuple | list) else axes)

    def copy(self) -> "TracedArray":
        return self


def _xp() -> Any:
    from glassnet.tracing import functions

    return functions


def _unknown(name: str) -> GlassnetError:
    return GlassnetError(
        f"{name} can't be traced.",
        where="glassnet.trace",
        fix="Use functions of namespace(x), which are those of the array API.",
    )


def _method(name: str) -> Callable[..., Any]:
    def method(self: TracedArray, *args: Any, **options: Any) -> Any:
        return getattr(_xp(), name)(self, *args, **options)

    return method


def _operator(name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return the operator and the one with its operands exchanged."""

    def forward(self: TracedArray, other: Any) -> Any:
        return getattr(_xp(), name)(self, other)

    def backward(self: TracedArray, other: Any) -> Any:
        return getattr(_xp(), name)(other, self)

    return forward, backward


for _name in (
    *("sum", "mean", "var", "std", "max", "min", "any", "all", "argmax", "argsort"),
    *("astype", "round", "clip", "repeat", "take"),
):
    setattr(TracedArray, _name, _method(_name))
for _name, _function in {
    "neg": "negative", "abs": "abs", "invert": "bitwise_invert",
    "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal",
    "eq": "equal", "ne": "not_equal",
}.items():  # fmt: skip
    setattr(TracedArray, f"__{_name}__", _method(_function))
for _name, _function in {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide",
    "floordiv": "floor_divide", "mod": "remainder", "pow": "pow", "matmul": "matmul",
    "and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor",
}.items():  # fmt: skip
    _forward, _backward = _operator(_function)
    setattr(TracedArray, f"__{_name}__", _forward)
    setattr(TracedArray, f"__r{_name}__", _backward)

_UFUNCS = {  # NumPy's name -> the array API's
    "absolute": "abs", "true_divide": "divide", "power": "pow", "invert": "bitwise_invert",
    "rint": "round", "float_power": "pow", "fabs": "abs",
}  # fmt: skip
_FUNCTIONS = {
    "concatenate": "concat", "transpose": "permute_dims", "cumsum": "cumulative_sum",
    "around": "round",
}  # fmt: skip
