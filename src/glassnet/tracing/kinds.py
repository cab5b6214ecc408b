"""The kinds of operations that a program is made of, each with the NumPy function that computes it.

The set is small on purpose: whoever executes a program elsewhere (the page does, in JavaScript)
needs these functions and no others. `functions.py` expresses those of the array API in them: a mean
is a sum and a division, a variance is differences, products and a sum.

Operands of elementwise kinds are broadcast as in NumPy. Axes are never negative.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

Value = np.ndarray[Any, np.dtype[Any]]
Settings = Mapping[str, Any]

ELEMENTWISE: dict[str, Callable[..., Any]] = {
    # of one operand
    "negative": np.negative,
    "abs": np.abs,
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "sqrt": np.sqrt,
    "sign": np.sign,
    "floor": np.floor,
    "round": np.round,  # halves to the even number
    "isfinite": np.isfinite,
    "not": np.invert,  # of booleans; −x − 1 of integers
    "erf": lambda x: _erf(x),  # 2/√π ∫₀ˣ exp(−t²) dt
    "exponent": lambda x: np.frexp(x)[1],  # e with x = m 2^e and ½ ≤ |m| < 1; 0 for 0
    # of two operands
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.true_divide,
    "floor_divide": np.floor_divide,
    "remainder": np.remainder,  # with the sign of the divisor
    "power": np.power,
    "ldexp": np.ldexp,  # x 2^e
    "maximum": np.maximum,
    "minimum": np.minimum,
    "less": np.less,
    "less_equal": np.less_equal,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
    "equal": np.equal,
    "not_equal": np.not_equal,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    # of three operands: condition, the value where it is true, the value elsewhere
    "where": np.where,
}


def _erf(x: Value) -> Any:
    from scipy.special import erf  # imported on first use, because it takes long

    return erf(x)


def _over(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a reduction over the setting `axis`, a tuple, and with the setting `keepdims`."""
    return lambda x, s: function(x, axis=tuple(s["axis"]), keepdims=s["keepdims"])


def _key(settings: Settings) -> tuple[Any, ...]:
    """Return the key of a getitem: numbers, [start, stop, step] and None for a new axis."""
    return tuple(slice(*part) if isinstance(part, list) else part for part in settings["key"])


# What takes settings: function(*operands, settings).
WITH_SETTINGS: dict[str, Callable[..., Any]] = {
    "sum": _over(np.sum),
    "max": _over(np.max),
    "min": _over(np.min),
    "any": _over(np.any),
    "all": _over(np.all),
    "argmax": lambda x, s: np.argmax(x, axis=s["axis"]),  # the first of the largest
    "argsort": lambda x, s: np.argsort(x, axis=s["axis"], stable=True),
    "cumulative_sum": lambda x, s: np.cumulative_sum(x, axis=s["axis"]),
    "matmul": lambda a, b, s: a @ b,
    "searchsorted": lambda x, values, s: np.searchsorted(x, values, side=s["side"]),
    "astype": lambda x, s: x.astype(s["dtype"]),  # "float64", "int64", "bool"
    # movement: each entry of the value is an entry of an operand
    "reshape": lambda x, s: x.reshape(s["shape"]),
    "permute": lambda x, s: np.permute_dims(x, s["axes"]),
    "broadcast": lambda x, s: np.broadcast_to(x, s["shape"]),
    "getitem": lambda x, s: x[_key(s)],
    "take": lambda x, places, s: np.take(x, places, axis=s["axis"]),
    "take_along": lambda x, places, s: np.take_along_axis(x, places, axis=s["axis"]),
    "concat": lambda *args: np.concat(args[:-1], axis=args[-1]["axis"]),
    "stack": lambda *args: np.stack(args[:-1], axis=args[-1]["axis"]),
    "pad": lambda x, s: np.pad(x, s["widths"], constant_values=s["value"]),  # by one value
    "repeat": lambda x, s: np.repeat(x, s["times"], axis=s["axis"]),
}

KINDS = ("input", "constant", *ELEMENTWISE, *WITH_SETTINGS)


def compute(kind: str, values: Sequence[Value], settings: Settings) -> Value:
    """Return the value of an operation for these values of its operands."""
    with np.errstate(all="ignore"):
        if kind in ELEMENTWISE:
            return np.asarray(ELEMENTWISE[kind](*values))
        return np.asarray(WITH_SETTINGS[kind](*values, settings))
