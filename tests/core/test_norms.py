"""Tests of `core/norms.py`: norms of numbers whose squares overflow or underflow."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from glassnet.core.norms import norm, scales


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_usual_norms_have_the_bits_of_the_plain_formula(dtype):
    rng = np.random.default_rng(0)
    for size in 10.0 ** rng.uniform(-12, 12, 100):
        x = (rng.normal(size=(5, 7)) * size).astype(dtype)
        plain = np.sqrt((x * x).sum(axis=0, keepdims=True))
        np.testing.assert_array_equal(norm(x, 0), plain)


@pytest.mark.parametrize("value", [1e20, 1e38, 1e-25, 1e-30, 0.0])
@pytest.mark.parametrize("library", [np.asarray, jnp.asarray])
def test_extreme_norms_are_those_of_higher_precision(value, library):
    x = np.array([value, -value, 0.0], np.float32)
    expected = np.linalg.norm(x.astype(np.float64))
    np.testing.assert_allclose(np.asarray(norm(library(x)))[0], expected, rtol=1e-6)


def test_extreme_norms_in_float64_and_compiled():
    x = np.array([1e300, 1e300])
    np.testing.assert_allclose(norm(x), [np.sqrt(2) * 1e300])
    y = jax.jit(norm)(jnp.array([3e37, 4e37], jnp.float32))
    np.testing.assert_allclose(y, [5e37], rtol=1e-6)


def test_non_finite_values_have_non_finite_norms():
    assert np.isnan(norm(np.array([1.0, np.nan]))).all()
    assert not np.isfinite(norm(np.array([1.0, np.inf]))).any()


def test_scales_are_powers_of_two_that_leave_numbers_near_one():
    largest = np.array([1e-40, 0.1, 1.0, 1.5, 2.0, 3e38], np.float32)
    down, up = scales(largest)
    assert (down * up == 1).all()
    assert (np.frexp(up)[0] == 0.5).all()
    assert (largest[1:] * down[1:] >= 1).all()
    assert (largest * down < 4).all()
