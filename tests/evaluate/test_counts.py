"""The errors of counts against scikit-learn's, by hand, and the edges."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import d2_tweedie_score, mean_absolute_error, mean_poisson_deviance

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Array
from glassnet.evaluate.counts import Counts, counts, poisson_deviance


def one(y: Array, predictions: Array) -> Counts:
    return counts(y, predictions, 0.5, ["visits"], y)


@given(st.integers(0, 2**32 - 1), st.integers(3, 50))
def test_equal_to_scikit_learn(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    y, train = rng.poisson(3, n) + 0.0, rng.poisson(3, n) + 1.0
    y[:2] = 0, 4
    predictions = rng.random(n) + 0.5
    (target,) = counts(y, predictions, 0.5, ["visits"], train).targets
    assert target.deviance.value == pytest.approx(mean_poisson_deviance(y, predictions))
    assert target.d2.value == pytest.approx(d2_tweedie_score(y, predictions, power=1))
    assert target.mae.value == pytest.approx(mean_absolute_error(y, predictions))
    of_mean = mean_poisson_deviance(y, np.full(n, train.mean()))
    assert target.deviance_of_mean == pytest.approx(of_mean)
    assert target.mae_of_median == pytest.approx(abs(y - np.median(train)).mean())


def test_the_deviance_by_hand() -> None:
    # 2 (2 log 2 − 1), 2 · 3 for t = 0, 0, 0, ∞
    t, y = np.array([2.0, 0.0, 5.0, 0.0, 1.0]), np.array([1.0, 3.0, 5.0, 0.0, 0.0])
    expected = [2 * (2 * math.log(2) - 1), 6, 0, 0, math.inf]
    assert poisson_deviance(t, y) == pytest.approx(expected)


def test_true_means_have_a_deviance_of_about_1_and_its_interval_holds_it_in_95_of_100() -> None:
    rng = np.random.default_rng(0)
    truth = poisson_deviance(rng.poisson(5, 10**6) + 0.0, np.full(10**6, 5.0)).mean()
    assert 0.95 < truth < 1.1
    drawn = rng.poisson(5, (1000, 60)) + 0.0
    ends = [one(row, np.full(60, 5.0)).targets[0].deviance.interval for row in drawn]
    assert 0.93 < np.mean([end[0] <= truth <= end[1] for end in ends if end]) < 0.97


def test_the_table() -> None:
    lines = one(np.array([0.0, 2.0, 4.0, 6.0]), np.array([0.5, 2.0, 4.0, 5.0])).lines()
    assert lines[0].split()[::2] == ["count", "(95%)", "D²", "MAE", "baseline"]
    assert lines[2].split()[:2] == ["visits", "0.2970"]
    assert lines[3:] == [
        "baselines: always predict the training mean (deviance) or the median (MAE)"
    ]


def test_the_edges_are_said() -> None:
    y = np.array([1.0, 2.0, 3.0])
    infinite = one(y, np.array([0.0, 2.0, 3.0]))
    assert math.isinf(infinite.targets[0].deviance.value)
    note = "visits: a prediction of 0 for a larger count has an infinite deviance."
    assert note in infinite.lines()
    constant = one(np.ones(4), np.arange(1.0, 5.0)).lines()
    assert "visits: D² is undefined, because all test values are the same." in constant
    assert "visits: deviance not below the baseline." in constant
    assert "One test row gives no intervals and no D²." in one(y[:1], y[:1]).lines()
    nonfinite = one(y, np.array([np.nan, 2.0, 3.0]))
    assert "1 of 3 rows have a non-finite prediction (NaN or infinite)." in nonfinite.lines()
    assert one(np.zeros(3), np.zeros(3)).targets[0].deviance.value == 0


def test_numbers_below_0_are_no_counts() -> None:
    y = np.array([1.0, -1.0])
    with pytest.raises(GlassnetError, match="y: row 1 is below 0, so it is not a count"):
        one(y, abs(y))
    with pytest.raises(GlassnetError, match="predictions: row 1 is below 0"):
        one(abs(y), y)
