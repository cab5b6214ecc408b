"""Gated recurrent units with their gates held open or closed."""

import numpy as np
import pytest

from glassnet.ops.gru import gru, gru_reset_before

OPEN, SHUT = 50.0, -50.0
FORMS = pytest.mark.parametrize("form", [gru, gru_reset_before])


def first_two(form, update: float, reset: float, kernel: float = 0.0) -> list[float]:  # type: ignore[no-untyped-def]
    z = np.array([[[SHUT, reset, 0.5]], [[update, reset, 0.2]]])
    return list(form(z, np.array([[0, 0, kernel]]))[0].ravel())


@FORMS
def test_an_open_update_gate_keeps_the_state(form) -> None:  # type: ignore[no-untyped-def]
    np.testing.assert_allclose(first_two(form, OPEN, OPEN), np.tanh([0.5, 0.5]))


@FORMS
def test_a_shut_update_gate_takes_the_candidate(form) -> None:  # type: ignore[no-untyped-def]
    np.testing.assert_allclose(first_two(form, SHUT, OPEN), np.tanh([0.5, 0.2]))


@FORMS
def test_the_reset_gate_lets_the_state_through_or_not(form) -> None:  # type: ignore[no-untyped-def]
    h = np.tanh(0.5)
    np.testing.assert_allclose(first_two(form, SHUT, OPEN, 3.0), [h, np.tanh(0.2 + 3 * h)])
    np.testing.assert_allclose(first_two(form, SHUT, SHUT, 3.0), [h, np.tanh(0.2)])


def test_where_the_reset_gate_acts_is_what_tells_the_two_apart() -> None:
    rng = np.random.default_rng(0)
    z, kernel = rng.standard_normal((3, 2, 6)), rng.standard_normal((2, 6))
    assert np.abs(gru(z, kernel)[0] - gru_reset_before(z, kernel)[0]).max() > 0.01
    one = rng.standard_normal((3, 2, 3)), rng.standard_normal((1, 3))  # of one unit, r h w = h w r
    np.testing.assert_allclose(gru(*one)[0], gru_reset_before(*one)[0])


def test_the_recurrent_bias_is_behind_the_reset_gate() -> None:
    z = np.array([[[SHUT, SHUT, 0.5]]])
    y, pullback = gru(z, np.zeros((1, 3)), np.array([0, 0, 7.0]))
    np.testing.assert_allclose(y, np.tanh(0.5))
    np.testing.assert_allclose(pullback(np.ones_like(y))[2], 0, atol=1e-12)
