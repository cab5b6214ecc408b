"""Prediction intervals: exact coverage by first principles, groups, and files."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Array
from glassnet.evaluate.conformal import (
    ConformalIntervals,
    conformal_intervals,
    measured,
    rows_needed,
)


@pytest.mark.parametrize(("coverage", "rows"), [(0.9, 9), (0.95, 19), (0.99, 99), (0.5, 1)])
def test_the_smallest_number_of_rows(coverage: float, rows: int) -> None:
    errors = np.arange(1.0, rows + 1)
    intervals = conformal_intervals(errors, np.zeros(rows), coverage)
    assert rows_needed(coverage) == rows
    assert intervals
    assert intervals.half_widths == (rows,)  # of so few rows the largest error
    assert conformal_intervals(errors[1:], np.zeros(rows - 1), coverage) is None


def test_the_quantile_by_hand() -> None:
    # (39 + 1) · 0.9 = 36, the 36th of 39 errors
    errors = np.random.default_rng(0).permutation(39) + 1.0
    intervals = conformal_intervals(errors, np.zeros(39))
    assert intervals == ConformalIntervals(0.9, (), (36.0,), 39)
    low, high = intervals.around(np.array([5.0, -1.0]))
    assert low.tolist() == [-31.0, -37.0]
    assert high.tolist() == [41.0, 35.0]


@pytest.mark.parametrize("n", [9, 30, 99, 120])
def test_the_coverage_is_exact_for_exchangeable_rows(n: int) -> None:
    """The k-th smallest of n errors covers with probability k/(n + 1), in each group: uniform
    errors, whose distribution function is the identity, give it without drawing test rows.
    """
    rng = np.random.default_rng(n)
    covered = []
    for _ in range(1000):
        predictions = rng.random(n)
        intervals = conformal_intervals(predictions + rng.random(n), predictions)
        assert intervals
        ends = np.array([0, *intervals.edges, 1])
        covered.append(np.diff(ends) @ intervals.half_widths)
    assert 0.895 < np.mean(covered) < 0.92  # (9 + 1) · 0.9 = 9 of 10; 31 · 0.9 = 27.9, so 28 of 31


def heteroscedastic(n: int, seed: int) -> tuple[Array, Array]:
    """True values, and predictions whose errors grow with them."""
    rng = np.random.default_rng(seed)
    predictions = rng.random(n)
    return predictions + predictions * rng.normal(size=n), predictions


def test_large_values_are_covered_as_often_as_small_ones() -> None:
    intervals = conformal_intervals(*heteroscedastic(1000, 0))
    assert intervals
    assert len(intervals.half_widths) == 10
    y, predictions = heteroscedastic(50_000, 1)
    for low in (0.0, 0.5, 0.9):
        rows = (low <= predictions) & (predictions < low + 0.1)
        assert 0.83 < measured(intervals, y[rows], predictions[rows]).covered < 0.97
    assert 0.88 < measured(intervals, y, predictions).covered < 0.92


def test_equal_predictions_are_one_group() -> None:
    y = np.random.default_rng(0).normal(size=500)
    for constants in (np.zeros(500), np.repeat([0.0, 1.0], [490, 10])):
        intervals = conformal_intervals(y, constants)
        assert intervals
        assert intervals.edges == ()


def test_measured_by_hand() -> None:
    intervals = ConformalIntervals(0.9, (0.0,), (1.0, 3.0), 100)
    coverage = measured(intervals, np.array([1.0, 0.5, 8.0, 4.5]), np.array([0.0, -1.0, 5.0, 5.0]))
    assert coverage.covered == 0.75  # ±1 up to 0: 1.0 is covered, 0.5 is not
    assert coverage.width == 4.0
    assert coverage.line() == (
        "90% prediction intervals contain 75.0% of the true values (95% interval 30.1% to 95.4%)"
    )


def test_a_table_of_scikit_learn() -> None:
    x, y = load_diabetes(return_X_y=True)
    covered = []
    for seed in range(40):
        train, validation, test = np.split(np.random.default_rng(seed).permutation(442), [200, 321])
        model = Ridge(0.1).fit(x[train], y[train])
        intervals = conformal_intervals(y[validation], model.predict(x[validation]))
        assert intervals
        covered.append(measured(intervals, y[test], model.predict(x[test])).covered)
    assert 0.88 < np.mean(covered) < 0.92


def test_a_file_gives_the_same_intervals() -> None:
    intervals = conformal_intervals(*heteroscedastic(300, 0))
    assert intervals
    text = json.dumps(intervals.to_dict())
    assert ConformalIntervals.from_dict(json.loads(text), "model") == intervals


@pytest.mark.parametrize(
    "change",
    [
        {"coverage": 1.5}, {"coverage": "0.9"}, {"rows": None}, {"half_widths": []},
        {"edges": [1.0]}, {"half_widths": [-1.0]}, {"half_widths": [float("inf")]},
        {"edges": [2.0, 1.0], "half_widths": [1, 1, 1]}, {"half_widths": 3},
    ],
)  # fmt: skip
def test_a_damaged_file_is_refused(change: dict[str, object]) -> None:
    values = ConformalIntervals(0.9, (), (1.0,), 100).to_dict() | change
    with pytest.raises(GlassnetError, match="model: its prediction intervals are invalid"):
        ConformalIntervals.from_dict(values, "model")


def test_what_is_refused() -> None:
    y = np.arange(20.0)
    for arguments, message in (
        ((y, y, 1.0), "coverage: must lie between 0 and 1, got 1.0"),
        ((y, y[:, None]), r"predictions: has shape \(20, 1\), but y has \(20,\)"),
        ((y, np.where(y == 3, np.nan, y)), "predictions: 1 of 20 rows contain NaN"),
    ):
        with pytest.raises(GlassnetError, match=message):
            conformal_intervals(*arguments)


def test_what_is_never_negative_is_covered_as_often_by_narrower_intervals() -> None:
    rng = np.random.default_rng(0)
    y = rng.exponential(1.0, 4000)
    predictions = 0.7 + 0.3 * y + rng.normal(0, 0.3, 4000)
    plain = conformal_intervals(y[:500], predictions[:500])
    assert plain
    bounded = replace(plain, nonnegative=True)
    low = bounded.around(predictions[500:])[0]
    assert (low < 1e-9).mean() > 0.2  # many would begin below 0
    assert low.min() == 0
    before, after = (measured(one, y[500:], predictions[500:]) for one in (plain, bounded))
    assert before.covered == after.covered
    assert after.width < 0.95 * before.width
    assert np.stack(bounded.around(np.array([-99.0]))).tolist() == [[0], [0]]
    stored = json.loads(json.dumps(bounded.to_dict()))
    assert ConformalIntervals.from_dict(stored, "here") == bounded
    del stored["nonnegative"]
    assert ConformalIntervals.from_dict(stored, "here") == plain
