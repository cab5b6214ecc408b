"""How many floating-point operations a computation takes, counted while NumPy does them.

Nothing is said twice that way: whatever a layer's forward pass, pullback or an optimizer's rule
asks NumPy for is counted where it is asked. A product of matrices (n, k) and (k, m) is 2 n k m, an
elementwise function one for each number that it puts out, a sum one for each that it takes in.
Copies, comparisons and whole numbers are free, and so are the additions in SciPy's sparse product,
by which an embedding's gradient is made.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np


def flops(run: Callable[..., object], *given: Any) -> int:
    """Floating-point operations of `run(*given)`, which are arrays, or trees or tuples of them."""
    total = 0

    class Counted(np.ndarray[Any, Any]):
        """An array whose arithmetic is counted, and that of all arrays made of it."""

        def __array_ufunc__(
            self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any
        ) -> Any:
            nonlocal total
            outs = options.get("out", ())
            plain = [_plain(array) for array in inputs]
            options = {name: _plain(value) for name, value in options.items()}
            made = getattr(ufunc, method)(*plain, **options)
            total += _work(ufunc, method, plain[0], made)
            return outs[0] if len(outs) == 1 else counted(made)

        def __array_namespace__(self, *, api_version: Any = None) -> Any:
            return namespace

    class Namespace:
        """NumPy, whose new arrays are counted too."""

        __name__ = "numpy"

        def __getattr__(self, name: str) -> Any:
            found = getattr(np, name)
            if isinstance(found, type) or not callable(found):
                return found
            return wraps(found)(lambda *given, **options: counted(found(*given, **options)))

    namespace = Namespace()

    def counted(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return value.view(Counted)
        return _each(counted, value)

    run(*counted(given))
    return total


def _plain(value: Any) -> Any:
    """The same as NumPy's own arrays."""
    return value.view(np.ndarray) if isinstance(value, np.ndarray) else _each(_plain, value)


def _each(function: Callable[[Any], Any], value: Any) -> Any:
    if isinstance(value, dict):
        return {key: function(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(map(function, value))
    return value


def _work(ufunc: np.ufunc, method: str, first: Any, made: Any) -> int:
    results = made if isinstance(made, tuple) else (made,)
    if not all(np.issubdtype(np.asarray(result).dtype, np.floating) for result in results):
        return 0
    size = sum(int(np.size(result)) for result in results)
    if ufunc is np.matmul:
        return 2 * size * int(first.shape[-1])
    return int(np.size(first)) if method == "reduce" else size
