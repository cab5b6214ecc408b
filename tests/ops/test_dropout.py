"""Dropout: its rate, its positions, and that it depends only on its key."""

import numpy as np
import pytest

from glassnet.ops.dropout import dropout

KEY = np.array([3], np.uint32)
ONES = np.ones((400, 250))


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_the_mean_is_kept_and_the_share_is_the_rate(rate: float) -> None:
    y, _ = dropout(ONES, rate, KEY)
    deviation = np.sqrt(rate * (1 - rate) / y.size)
    assert abs((y == 0).mean() - rate) < 5 * deviation
    assert set(np.unique(y)) == {0, 1 / (1 - rate)}


def test_what_is_dropped_gets_no_gradient() -> None:
    """And what is kept gets dy / (1 − rate), whatever x is."""
    rng = np.random.default_rng(0)
    x, dy = rng.normal(size=(2, 40, 25))
    y, pullback = dropout(x, 0.3, KEY)
    dropped = y == 0
    assert 0.2 < dropped.mean() < 0.4
    np.testing.assert_allclose(pullback(dy), np.where(dropped, 0, dy / 0.7), rtol=1e-12)


def test_the_same_key_drops_the_same_places_and_another_others() -> None:
    first, again, other = (dropout(ONES, 0.5, np.array([k], np.uint32))[0] for k in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert abs(np.corrcoef(first.ravel(), other.ravel())[0, 1]) < 0.02


def test_places_that_share_a_draw_share_their_fate() -> None:
    y, _ = dropout(np.ones((40, 7, 30)), 0.5, KEY, (40, 1, 30))
    assert (y == y[:, :1]).all()
    assert abs((y[:, 0] == 0).mean() - 0.5) < 0.1
