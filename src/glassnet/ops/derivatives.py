"""Own functions as ops: with their own pullback, or else with the derivative that JAX computes."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from typing import Any

import numpy as np

from glassnet.core.arrays import as_tuple, map_arrays
from glassnet.core.errors import GlassnetError
from glassnet.core.functions import name_of
from glassnet.core.own_classes import called, not_for_jax
from glassnet.core.protocols import Array, namespace
from glassnet.ops import Pullback

Op = Callable[..., tuple[Array, Pullback]]


@lru_cache(maxsize=256)
def op_of(function: Callable[..., Any], last: bool = False) -> Op:
    """Return the function as an op of one argument, its first or (`last`) second; the other one is
    constant. The argument may be a tuple of arrays.

    A function that returns (value, pullback) is used as it is. One that returns only a value is
    called as it is, too; JAX differentiates it where its pullback is needed. Raises if there is no
    JAX, or if the function can't run on JAX's arrays.
    """

    def op(x: Any, *constants: Array) -> tuple[Array, Pullback]:
        like = x[0] if isinstance(x, tuple) else x
        with _precision(like):
            value = called(function, *_ordered(x, constants, last))
        if isinstance(value, tuple) and len(value) == 2 and callable(value[1]):
            return value
        y = _array(function, value, like)

        def pullback(dy: Array) -> Any:
            gradient = _gradient(function, last)  # imports JAX, before the precision is set
            xp = namespace(like)
            if xp.__name__ not in ("numpy", "jax.numpy"):  # JAX differentiates their numbers
                numbers = map_arrays(np.asarray, (x, dy, *constants))
                with _precision(like):
                    parts = [np.asarray(part) for part in as_tuple(gradient(*numbers))]
                derivative_by_jax = [xp.asarray(part) for part in parts]
                return tuple(derivative_by_jax) if isinstance(x, tuple) else derivative_by_jax[0]
            with _precision(like):
                dx = gradient(x, xp.asarray(dy, dtype=y.dtype), *constants)
            if not isinstance(like, np.ndarray):
                return dx
            return tuple(map(np.asarray, dx)) if isinstance(x, tuple) else np.asarray(dx)

        return y, pullback

    return op


def value_of(function: Callable[..., Any], like: Array, *arguments: Array) -> Array:
    """Return the function's value as an array of the library and dtype of `like`."""
    with _precision(like):
        return _array(function, called(function, *arguments), like)


def _array(function: Callable[..., Any], value: Any, like: Array) -> Array:
    try:
        return namespace(like).asarray(value, dtype=like.dtype)
    except Exception as error:
        raise GlassnetError(
            f"returns {type(value).__name__} ({value!r:.40}), not an array.",
            where=f"function {name_of(function)}",
            fix="Return an array, or (y, pullback) with pullback(dy) -> dx.",
        ) from error


def _ordered(x: Any, constants: tuple[Any, ...], last: bool) -> tuple[Any, ...]:
    return (*constants, x) if last else (x, *constants)


@lru_cache(maxsize=256)
def _gradient(function: Callable[..., Any], last: bool) -> Callable[..., Any]:
    """Return (x, dy, *constants) -> dx, compiled by JAX."""
    try:
        import jax
    except ImportError as error:
        raise GlassnetError(
            "returns a value without a pullback, and JAX, which could differentiate it, is not "
            "installed.",
            where=f"function {name_of(function)}",
            fix="Return both, return y, lambda dy: dy * slope, and check it by glassnet.gradcheck; "
            "or run: pip install 'glassnet[jax]'",
        ) from error

    def gradient(x: Any, dy: Any, *constants: Any) -> Any:
        def of(x: Any) -> Any:
            return jax.numpy.asarray(function(*_ordered(x, constants, last)), dtype=dy.dtype)

        return jax.vjp(of, x)[1](dy)[0]

    compiled = jax.jit(gradient)

    def checked(*arguments: Any) -> Any:
        try:
            return compiled(*arguments)
        except GlassnetError:
            raise
        except Exception as error:
            raise not_for_jax(function, error) from error

    return checked


def _precision(like: Any) -> AbstractContextManager[Any]:
    """Context in which JAX keeps float64, if that is what the array has."""
    jax = sys.modules.get("jax")
    return jax.enable_x64(True) if jax and like.dtype == np.float64 else nullcontext()
