"""Areas under curves against scikit-learn's, by hand, and their intervals by simulation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.metrics import average_precision_score, roc_auc_score

from glassnet.core.trees import Array
from glassnet.evaluate.classification import interval
from glassnet.evaluate.ranking import auc, average_precision


@given(st.integers(0, 2**32 - 1), st.integers(2, 60), st.integers(2, 30))
def test_equal_to_scikit_learn_also_with_ties(seed: int, n: int, levels: int) -> None:
    rng = np.random.default_rng(seed)
    present = rng.random(n) < 0.4
    present[:2] = True, False
    scores = rng.integers(0, levels, n) / levels
    for ours, theirs in ((auc, roc_auc_score), (average_precision, average_precision_score)):
        share, (low, high) = ours(present, scores)
        assert share == pytest.approx(theirs(present, scores), abs=1e-12)
        assert 0 <= low <= share <= high <= 1


def test_by_hand() -> None:
    # 3 of 4 pairs are in order; precision 1 at the first of two, 2/3 at the second
    present, scores = np.array([True, False, True, False]), np.array([0.9, 0.8, 0.7, 0.1])
    assert auc(present, scores)[0] == 0.75
    assert average_precision(present, scores)[0] == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)


def test_labels_that_never_or_always_occur() -> None:
    scores, never = np.array([0.1, 0.9, 0.5]), np.zeros(3, bool)
    assert math.isnan(auc(never, scores)[0])
    assert math.isnan(auc(~never, scores)[0])
    assert math.isnan(average_precision(never, scores)[0])
    assert auc(never, scores)[1] == average_precision(never, scores)[1] == (0, 1)
    assert average_precision(~never, scores)[0] == 1


def test_a_perfect_ranking_of_few_examples_proves_little() -> None:
    present = np.array([True] * 5 + [False] * 5)
    for metric in (auc, average_precision):
        share, (low, high) = metric(present, present + 0.0)
        assert share == high == 1
        assert 0.5 < low < 0.75
    assert auc(present[4:6], np.array([1.0, 0.0]))[1][0] < 0.5  # one of each kind


def test_the_interval_has_the_variance_of_delong_by_all_pairs() -> None:
    rng = np.random.default_rng(0)
    present, scores = np.repeat([True, False], (12, 40)), rng.normal(size=52).round(1)
    difference = scores[:12, None] - scores[None, 12:]
    wins = (difference > 0) + 0.5 * (difference == 0)
    area = wins.mean()
    variance = wins.mean(axis=1).var(ddof=1) / 12 + wins.mean(axis=0).var(ddof=1) / 40
    trials = area * (1 - area) / variance
    assert trials < 4 * 12 * 40 / 52
    share, ends = auc(present, scores)
    assert share == pytest.approx(area)
    assert ends == pytest.approx(interval(area * trials, trials))


def drawn(mean: float, sd: float, m: int, n: int, rng: np.random.Generator) -> Array:
    return np.concatenate([rng.normal(mean, sd, m), rng.normal(0, 1, n)])


@pytest.mark.parametrize(
    ("mean", "sd", "m", "n"),
    [(1, 1, 50, 50), (2, 1, 10, 200), (3, 1, 30, 30), (1, 2, 50, 1000), (2, 0.5, 50, 50)],
)
def test_intervals_hold_the_truth_in_95_of_100(mean: float, sd: float, m: int, n: int) -> None:
    rng = np.random.default_rng(0)
    area = norm.cdf(mean / math.hypot(1, sd))
    shares = 200_000 * m // (m + n), 200_000 * n // (m + n)
    precision = average_precision(np.repeat([True, False], shares), drawn(mean, sd, *shares, rng))
    present, covered = np.repeat([True, False], (m, n)), []
    for _ in range(300):
        scores = drawn(mean, sd, m, n, rng)
        ends = auc(present, scores)[1], average_precision(present, scores)[1]
        covered.append(
            [
                low <= truth <= high
                for (low, high), truth in zip(ends, (area, precision[0]), strict=True)
            ]
        )
    assert (np.mean(covered, axis=0) > 0.91).all()
