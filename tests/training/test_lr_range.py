"""The range test's arithmetic, on losses whose best rate is known."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.training.lr_range import rising_rates, smoothed_losses, steepest_rate


def test_each_rate_is_the_same_factor_above_the_one_before() -> None:
    rates = rising_rates(1e-4, 1.0, 81)
    assert rates[[0, -1]] == pytest.approx([1e-4, 1.0])
    assert rates[1:] / rates[:-1] == pytest.approx(np.full(80, 10 ** (4 / 80)))


@pytest.mark.parametrize(
    "bad", [(0.0, 1.0, 50), (1.0, 0.1, 50), (0.1, float("inf"), 50), (0.1, 1.0, 5)]
)
def test_what_does_not_rise_is_refused(bad: tuple[float, float, int]) -> None:
    with pytest.raises(GlassnetError, match="needs 0 < low < high and at least 50 steps"):
        rising_rates(*bad)


def test_means_begin_without_a_bias_and_follow() -> None:
    assert smoothed_losses([3.0] * 9) == pytest.approx([3.0] * 9)
    losses = np.random.default_rng(0).normal(2, 1, 300)
    weights = 0.95 ** np.arange(300)[::-1]
    assert smoothed_losses(losses.tolist())[-1] == pytest.approx(weights @ losses / weights.sum())


def test_the_steepest_place_before_the_lowest_point() -> None:
    """A sigmoid in log rate falls fastest at its middle; a drop after the minimum is ignored."""
    rates = rising_rates(1e-6, 10.0, 141)
    means = 2 / (1 + np.exp(4 * np.log10(rates / 1e-3)))
    means[100:] = 50.0
    means[120:] = 10.0  # falls from there, too
    assert steepest_rate(rates, means) == pytest.approx(1e-3)
    with pytest.raises(GlassnetError, match="the loss never falls"):
        steepest_rate(rates, np.arange(141.0))
