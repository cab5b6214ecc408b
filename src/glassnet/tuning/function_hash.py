"""The hash of a Python function, which tells a study of it from one of another function."""

import dis
import functools
import hashlib
from collections.abc import Callable
from types import CodeType
from typing import Any

_SCALARS = (bool, int, float, complex, str, bytes, type(None))


def function_hash(function: Callable[..., Any]) -> str:
    """Return a SHA-256 of a function's code, its defaults and the constants that it closes over.

    Comments, positions in the file and the code of other functions that it calls don't count.
    """
    return hashlib.sha256(repr(_parts(function)).encode()).hexdigest()


def _parts(function: Any) -> Any:
    """Return what identifies a function, as values whose repr is the same in each process."""
    if isinstance(function, functools.partial):
        return [_parts(function.func), _value(function.args), _value(function.keywords)]
    function = getattr(function, "__func__", function)  # of a method
    code = getattr(function, "__code__", None)
    if code is None:  # an object that can be called, or a function in C
        call = vars(type(function)).get("__call__")
        if hasattr(call, "__code__"):
            return [_parts(call), _value(getattr(function, "__dict__", {}))]
        return getattr(function, "__qualname__", type(function).__qualname__)
    names = zip(code.co_freevars, function.__closure__ or (), strict=True)
    changed = {i.argval for i in dis.get_instructions(code) if i.opname == "STORE_DEREF"}
    cells = [_contents(cell) for name, cell in names if name not in changed]
    return [_value(code), _value(function.__defaults__), _value(function.__kwdefaults__), cells]


def _contents(cell: Any) -> Any:
    """Return what a function closes over, unless it can change while the function is called."""
    try:
        value = cell.cell_contents
    except ValueError:  # not assigned yet
        return None
    return (
        _value(value) if isinstance(value, (*_SCALARS, tuple, frozenset)) else type(value).__name__
    )


def _value(value: Any) -> Any:
    """Return a value whose repr has no addresses and no order of a set."""
    if isinstance(value, CodeType):
        return [value.co_code, value.co_names, value.co_varnames, _value(value.co_consts)]
    if isinstance(value, tuple | list):
        return [_value(item) for item in value]
    if isinstance(value, dict):
        return [(str(key), _value(item)) for key, item in value.items()]
    if isinstance(value, set | frozenset):
        return sorted(repr(_value(item)) for item in value)
    return value if isinstance(value, _SCALARS) else type(value).__qualname__
