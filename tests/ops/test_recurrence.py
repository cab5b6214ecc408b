"""Backpropagation through time, on a cell simple enough to compute by hand."""

from typing import Any

import numpy as np
import pytest

from glassnet.ops.activations import ACTIVATIONS, OVER_AN_AXIS
from glassnet.ops.recurrence import kernel_gradient, over_time, with_slope

A = 3.0


def step(state: Any, z: Any) -> Any:
    """h = A h + z²."""
    return (A * state[0] + z * z,), (2 * z,)


def back(dstate: Any, saved: Any) -> Any:
    (dh,), (slope,) = dstate, saved
    return (dh * A,), (dh * slope,)


Z = np.array([1.0, 2, 5]).reshape(3, 1, 1)


def test_the_last_state() -> None:
    y, (h, _), pullback = over_time(step, back, Z, (1,), return_sequences=False)
    assert y.tolist() == [[9 * 1 + 3 * 4 + 25]]
    assert h.ravel().tolist() == [1, 7, 46]
    _, (dz,) = pullback(np.ones((1, 1)))
    assert dz.ravel().tolist() == [9 * 2, 3 * 4, 10]


def test_all_states() -> None:
    y, _, pullback = over_time(step, back, Z, (1,))
    assert y.ravel().tolist() == [1, 7, 46]
    _, (dz,) = pullback(np.array([1.0, 10, 100]).reshape(3, 1, 1))
    assert dz.ravel().tolist() == [2 * (1 + 10 * 3 + 100 * 9), 4 * (10 + 100 * 3), 10 * 100]


def test_a_masked_step_changes_nothing() -> None:
    mask = np.array([[True], [False], [True]])
    y, _, pullback = over_time(step, back, Z, (1,), mask)
    assert y.ravel().tolist() == [1, 1, 28]
    _, (dz,) = pullback(np.ones((3, 1, 1)))
    assert dz.ravel().tolist() == [2 * (1 + 1 + 3), 0, 10]


def test_padding_alone_leaves_the_first_state() -> None:
    y, _, pullback = over_time(step, back, Z, (1,), np.zeros((3, 1), bool), return_sequences=False)
    assert y.tolist() == [[0]]
    assert not pullback(np.ones((1, 1)))[1][0].any()


@pytest.mark.parametrize("sequences", [True, False])
def test_before_the_first_step_that_is_not_padding_the_output_is_0(sequences: bool) -> None:
    """As in Keras: only the states are those of the start."""
    mask, start = np.array([[False, False], [True, False], [False, False]]), np.full((2, 1), 7.0)
    (y, h), _, pullback = over_time(
        step, back, np.repeat(Z, 2, axis=1), (1,), mask, sequences, (start,), True
    )
    first, second = [0, 7 * A + 4, 7 * A + 4], [0, 0, 0]
    assert y[..., 0].T.tolist() == ([first, second] if sequences else [first[-1], second[-1]])
    assert h.ravel().tolist() == [7 * A + 4, 7]
    (dstart,), _ = pullback((np.ones_like(y), np.zeros_like(h)))
    assert dstart.ravel().tolist() == [A * (2 if sequences else 1), 0]


@pytest.mark.parametrize("name", sorted(set(ACTIVATIONS) - set(OVER_AN_AXIS)))
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_slopes_are_those_of_the_activation_s_pullback(name: str, dtype: str) -> None:
    x = np.linspace(-30, 30, 101).astype(dtype)
    y, slope = with_slope(ACTIVATIONS[name], x)
    wanted, pullback = ACTIVATIONS[name](x)
    assert y.dtype == slope.dtype == x.dtype
    assert slope.shape == x.shape
    np.testing.assert_allclose(y, wanted, atol=1e-7)
    np.testing.assert_allclose(slope, pullback(np.ones_like(x)), atol=1e-7)


def test_a_kernel_s_gradient_pairs_each_step_with_the_state_before_it() -> None:
    h, da = np.array([2.0, 3, 5]).reshape(3, 1, 1), np.array([7.0, 11, 13]).reshape(3, 1, 1)
    assert kernel_gradient(h, da).tolist() == [[2 * 11 + 3 * 13]]
    assert kernel_gradient(h[:1], da[:1]).tolist() == [[0]]
