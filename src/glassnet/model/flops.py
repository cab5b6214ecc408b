"""Counting the floating-point operations (FLOPs) of a computation while NumPy runs it.

No layer states its own count: whatever a layer's forward pass, its pullback or an optimizer's rule
computes through NumPy is counted as it runs. A product of matrices (n, k) and (k, m) costs 2 n k m,
an elementwise function one per output entry, a sum one per input entry. Copies, comparisons and
integer arithmetic are free, and so are the additions in SciPy's sparse product, which computes the
gradient of an embedding.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np


def flops(run: Callable[..., object], *arguments: Any) -> int:
    """Return the FLOPs of `run(*arguments)`; arguments are arrays, or trees or tuples of them."""
    total = 0

    class Counted(np.ndarray[Any, Any]):
        """An array whose arithmetic is counted, as is that of all arrays computed from it."""

        def __array_ufunc__(
            self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any
        ) -> Any:
            nonlocal total
            outs = options.get("out", ())
            plain = [_plain(array) for array in inputs]
            options = {name: _plain(value) for name, value in options.items()}
            result = getattr(ufunc, method)(*plain, **options)
            total += _count(ufunc, method, plain[0], result)
            return outs[0] if len(outs) == 1 else counted(result)

        def __array_namespace__(self, *, api_version: Any = None) -> Any:
            return namespace

    class Namespace:
        """NumPy, except that the arrays it creates are counted too."""

        __name__ = "numpy"

        def __getattr__(self, name: str) -> Any:
            value = getattr(np, name)
            if isinstance(value, type) or not callable(value):
                return value
            return wraps(value)(lambda *args, **options: counted(value(*args, **options)))

    namespace = Namespace()

    def counted(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return value.view(Counted)
        return _map(counted, value)

    run(*counted(arguments))
    return total


def _plain(value: Any) -> Any:
    """Return the value with every counted array as a plain NumPy array."""
    return value.view(np.ndarray) if isinstance(value, np.ndarray) else _map(_plain, value)


def _map(function: Callable[[Any], Any], value: Any) -> Any:
    if isinstance(value, dict):
        return {key: function(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(map(function, value))
    return value


def _count(ufunc: np.ufunc, method: str, first: Any, result: Any) -> int:
    results = result if isinstance(result, tuple) else (result,)
    if not all(np.issubdtype(np.asarray(array).dtype, np.floating) for array in results):
        return 0
    size = sum(int(np.size(array)) for array in results)
    if ufunc is np.matmul:
        return 2 * size * int(first.shape[-1])
    return int(np.size(first)) if method == "reduce" else size
