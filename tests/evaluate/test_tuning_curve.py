"""Tuning curves against quantiles by hand, and the coverage of their band by simulation."""

import numpy as np
import pytest
from scipy.stats import norm

from glassnet.evaluate.tuning_curve import tuning_curve


def test_the_estimate_is_the_quantile_of_the_scores_that_were_seen() -> None:
    curve = tuning_curve([0.3, 0.1, 0.2, 0.4], maximize=True)
    # half of the scores are at most 0.2; 0.5^(1/2) = 71% need three of four, 79% and 84% all
    np.testing.assert_array_equal(curve.median, [0.2, 0.3, 0.4, 0.4])
    np.testing.assert_array_equal(curve.trials, [1, 2, 3, 4])


def test_losses_are_scores_with_another_sign() -> None:
    scores = np.random.default_rng(0).normal(size=30)
    up, down = tuning_curve(scores, maximize=True), tuning_curve(-scores, maximize=False)
    np.testing.assert_array_equal(down.median, -up.median)
    np.testing.assert_array_equal(down.low, -up.high)
    np.testing.assert_array_equal(down.high, -up.low)


def test_a_trial_without_a_score_is_the_worst() -> None:
    with_failures = tuning_curve([0.5, np.nan, 0.7, np.nan], maximize=True)
    np.testing.assert_array_equal(with_failures.median, [-np.inf, 0.5, 0.7, 0.7])
    assert (tuning_curve([0.5, np.nan], maximize=False).median[0]) == np.inf


def test_with_few_trials_the_band_has_no_end_above() -> None:
    curve = tuning_curve([0.5, 0.6, 0.7], maximize=True)
    assert (curve.high == np.inf).all()
    many = tuning_curve(np.linspace(0, 1, 400), maximize=True)
    assert np.isfinite(many.high[:5]).all()
    assert (many.low <= many.median).all()
    assert (many.median <= many.high).all()
    assert (np.diff(many.low) >= 0).all()


@pytest.mark.parametrize("count", [5, 40, 200])
@pytest.mark.parametrize("digits", [None, 1])
def test_the_band_covers_the_whole_true_curve_in_95_percent(count: int, digits: int | None) -> None:
    """The scores are normal, or so rounded that many are equal; the true curve is known."""
    rng = np.random.default_rng(count)
    shares = 0.5 ** (1 / np.arange(1, count + 1))
    true = norm.ppf(shares)
    if digits is not None:
        cuts = np.round(np.arange(-6, 6.05, 0.1), 1)
        true = cuts[np.searchsorted(norm.cdf(cuts + 0.05), shares)]
    studies, covered = 1000, 0
    for _ in range(studies):
        scores = rng.normal(size=count)
        curve = tuning_curve(scores if digits is None else np.round(scores, digits), maximize=True)
        covered += bool(((curve.low <= true + 1e-9) & (true - 1e-9 <= curve.high)).all())
    assert covered / studies >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / studies)
    if count == 200 and digits is None:
        assert covered / studies < 0.99  # it is not covered by being too wide
