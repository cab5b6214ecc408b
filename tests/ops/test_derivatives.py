"""Own functions as ops: their own pullback, or JAX's derivative in their precision."""

import builtins
from typing import Any

import numpy as np
import pytest

from glassnet import GlassnetError, gradcheck
from glassnet.core.protocols import namespace
from glassnet.ops.derivatives import op_of, value_of

X = np.array([[1.0, -2.0], [0.5, 3.0]])


def cubed(x: Any) -> Any:
    return x**3


def ramp(x: Any) -> Any:
    return namespace(x).where(x > 0, x, 0.1 * x)


def test_a_pullback_that_is_returned_is_used() -> None:
    y, back = op_of(lambda x: (x + 1, lambda dy: 7 * dy))(X)
    np.testing.assert_array_equal(y, X + 1)
    np.testing.assert_array_equal(back(X), 7 * X)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_jax_differentiates_a_value(dtype: str) -> None:
    pytest.importorskip("jax")
    x = X.astype(dtype)
    y, back = op_of(cubed)(x)
    dx = back(np.ones_like(x))
    assert y.dtype == dx.dtype == dtype
    assert isinstance(dx, np.ndarray)
    np.testing.assert_allclose(dx, 3 * X**2, rtol=1e-15 if dtype == "float64" else 1e-6)
    gradcheck(ramp, X)


def test_the_order_of_the_arguments() -> None:
    pytest.importorskip("jax")

    def weighted(constant: Any, x: Any) -> Any:
        return (constant * x * x).sum(axis=-1)

    _, back = op_of(weighted, True)(X, 2 * X)
    np.testing.assert_allclose(back(np.ones(2)), 4 * X * X)
    _, back = op_of(weighted)(X, 2 * X)
    np.testing.assert_allclose(back(np.ones(2)), 4 * X * X)


def test_multiple_inputs() -> None:
    pytest.importorskip("jax")
    y, back = op_of(lambda pair: pair[0] * pair[1])((X, 3 * X))
    np.testing.assert_allclose(y, 3 * X * X)
    da, db = back(np.ones_like(X))
    np.testing.assert_allclose(da, 3 * X)
    np.testing.assert_allclose(db, X)


def test_without_jax_the_value_is_there_and_the_pullback_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = builtins.__import__

    def without_jax(name: str, *args: Any) -> Any:
        if name == "jax":
            raise ImportError(name)
        return real(name, *args)

    y, back = op_of(lambda x: x * 2)(X)
    np.testing.assert_array_equal(y, 2 * X)
    monkeypatch.setattr(builtins, "__import__", without_jax)
    with pytest.raises(GlassnetError, match=r"return y, lambda dy: dy \* slope.*gradcheck.*pip"):
        back(X)


def test_a_function_of_numpy_alone_says_so() -> None:
    pytest.importorskip("jax")

    def of_numpy(x: Any) -> Any:
        return np.square(x)

    y, back = op_of(of_numpy)(X)
    np.testing.assert_array_equal(y, X * X)
    with pytest.raises(GlassnetError, match=r"of_numpy: JAX can't run it.*not NumPy's own"):
        back(X)

    def branching(x: Any) -> Any:
        return x if x.sum() > 0 else -x

    with pytest.raises(GlassnetError, match=r"branching: JAX can't run it.*not if"):
        op_of(branching)(X)[1](X)


def test_a_value_is_an_array() -> None:
    assert value_of(lambda x: 1.5, X.astype("float32"), X).dtype == "float32"
    with pytest.raises(GlassnetError, match=r"returns str \('a'\), not an array"):
        value_of(lambda x: "a", X, X)
