"""Intervals of errors: by hand, against SciPy's, and by simulation."""

import math

import numpy as np
import pytest

from glassnet.evaluate.estimates import explained, mean, root_mean


def test_a_mean_by_hand() -> None:
    # mean 2, s = 1, t₂ = 4.302653: log interval ± 4.302653 · 1/√3 / 2
    half = 4.302653 / math.sqrt(3) / 2
    estimate = mean(np.array([1.0, 2.0, 3.0]))
    assert estimate.value == 2
    assert estimate.interval == pytest.approx((2 * math.exp(-half), 2 * math.exp(half)), rel=1e-6)


def test_a_root_has_half_the_relative_error() -> None:
    squares = np.random.default_rng(0).random(50)
    of_mean, of_root = mean(squares), root_mean(squares)
    assert of_mean.interval
    assert of_root.value == pytest.approx(math.sqrt(of_mean.value))
    assert of_root.interval == pytest.approx([math.sqrt(end) for end in of_mean.interval])


def test_one_row_and_no_error_give_no_interval() -> None:
    assert mean(np.array([3.0])).interval is None
    assert mean(np.zeros(9)).interval is None
    assert math.isnan(explained(np.ones(3), np.zeros(3)).value)
    perfect = explained(np.zeros(3), np.ones(3))
    assert (perfect.value, perfect.interval) == (1, None)


def test_a_huge_spread_is_no_overflow() -> None:
    estimate = mean(np.array([1e-300, 1.0]))
    assert estimate.interval
    assert 0 < estimate.interval[0] < 0.5 < estimate.interval[1] < math.inf


def test_the_mean_of_shares() -> None:
    rng = np.random.default_rng(0)
    errors, baseline = rng.random((40, 3)), 1 + rng.random((40, 3))
    both = explained(errors, baseline)
    shares = [explained(errors[:, k], baseline[:, k]).value for k in range(3)]
    assert both.value == pytest.approx(np.mean(shares))
    same = explained(np.repeat(errors[:, :1], 3, axis=1), np.repeat(baseline[:, :1], 3, axis=1))
    assert same.interval == pytest.approx(explained(errors[:, 0], baseline[:, 0]).interval)


@pytest.mark.parametrize("n", [20, 100])
def test_intervals_hold_the_truth_in_95_of_100(n: int) -> None:
    """Errors e and targets f + e, e and f normal with standard deviations 1 and 2: R² is 0.8."""
    rng = np.random.default_rng(n)
    covered = np.zeros(3)
    for _ in range(1500):
        e, f = rng.normal(0, 1, n), rng.normal(0, 2, n)
        y = f + e
        estimates = mean(abs(e)), root_mean(e**2), explained(e**2, (y - y.mean()) ** 2)
        for k, (estimate, truth) in enumerate(
            zip(estimates, (math.sqrt(2 / math.pi), 1.0, 0.8), strict=True)
        ):
            assert estimate.interval
            covered[k] += estimate.interval[0] <= truth <= estimate.interval[1]
    assert (covered / 1500 > 0.92).all()
    assert (covered / 1500 < 0.97).all()
