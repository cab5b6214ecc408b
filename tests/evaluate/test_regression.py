"""The errors of numbers against scikit-learn's, and the edges."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.dummy import DummyRegressor
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from glassnet.core.errors import GlassnetError
from glassnet.core.strict_json import json_text
from glassnet.core.trees import Array
from glassnet.evaluate.conformal import ConformalIntervals
from glassnet.evaluate.regression import Regression, regression


def one(y: Array, predictions: Array) -> Regression:
    return regression(y, predictions, 0.5, ["price"], y)


@given(st.integers(0, 2**32 - 1), st.integers(2, 50), st.integers(1, 3))
def test_equal_to_scikit_learn(seed: int, n: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    y, train = 100 * rng.normal(size=(n, k)), 100 * rng.normal(size=(n + 1, k))
    predictions = y + rng.normal(size=(n, k))
    result = regression(y, predictions, 0.5, [f"t{i}" for i in range(k)], train)
    ours = np.array([(t.mae.value, t.rmse.value, t.r2.value) for t in result.targets]).T
    metrics = mean_absolute_error, root_mean_squared_error, r2_score
    expected = [metric(y, predictions, multioutput="raw_values") for metric in metrics]
    np.testing.assert_allclose(ours, expected, rtol=1e-9)
    constants = [
        DummyRegressor(strategy=s).fit(train, train).predict(y).reshape(n, k)
        for s in ("median", "mean")
    ]
    np.testing.assert_allclose(
        [(t.mae_of_median, t.rmse_of_mean) for t in result.targets],
        np.transpose(
            [
                mean_absolute_error(y, constants[0], multioutput="raw_values"),
                root_mean_squared_error(y, constants[1], multioutput="raw_values"),
            ]
        ),
        rtol=1e-9,
    )


def test_the_worst_rows_are_those_with_the_largest_errors_for_their_target() -> None:
    y = np.zeros((12, 2))
    predictions = y + np.array([1.0, 1000.0])
    predictions[5, 0], predictions[7, 1] = -9.0, 3000.0
    result = regression(y, predictions, 0.1, ["age", "price"], y + 1)
    first, second = result.worst[:2]
    assert (first.row, first.target, first.predicted, first.error) == (5, "age", -9.0, -9.0)
    assert (second.row, second.target, second.error) == (7, "price", 3000.0)
    assert len(result.worst) == 10
    lines = result.worst_lines()
    assert lines[2].split() == ["test", "row", "5", "age", "0.00000", "-9.00000", "-9.000"]
    assert lines[3].split()[-1] == "+3,000"


def test_the_table() -> None:
    y = np.array([1000.0, 2000.0, 3000.0, 4000.0])
    result = one(y, y + 100 * np.array([1, -1, 1, -1]))
    lines = result.lines()
    assert lines[0].split() == [
        "target", "MAE", "(95%)", "baseline", "RMSE", "(95%)", "baseline", "R²", "(95%)"
    ]  # fmt: skip
    assert lines[2].startswith("price   100.0 (100.0 to 100.0)     1,000  100.0 (100.0 to 100.0)")
    assert "1,118  0.992" in lines[2]
    assert lines[3:] == [
        "baselines: always predict the training median (MAE) or the training mean (RMSE)"
    ]


def test_the_coverage_of_prediction_intervals_is_in_the_table() -> None:
    y = np.array([[0.0, 1.0], [1.0, 2.0], [2.0, 9.0], [3.0, np.pi]])
    intervals = [ConformalIntervals(0.9, (), (half,), 50) for half in (0.6, 0.2)]
    predictions = y + np.array([[0.5, 0.1], [0.7, 0.1], [0.5, 0.3], [np.nan, 0.1]])
    result = regression(y, predictions, 0.1, ["age", "price"], y, intervals)
    assert [t.coverage and t.coverage.covered for t in result.targets] == [0.5, 0.75]
    lines = result.lines()
    assert lines[5].startswith("age: 90% prediction intervals contain 50.0% of the true values (")
    assert lines[6].startswith("price: 90% prediction intervals contain 75.0%")
    assert one(y[:, 0], y[:, 0]).targets[0].coverage is None


def test_one_row_and_a_constant_target_are_said() -> None:
    result = one(np.array([3.0]), np.array([5.0]))
    (target,) = result.targets
    assert (target.mae.value, target.mae.interval, target.rmse.value) == (2, None, 2)
    assert math.isnan(target.r2.value)
    assert "One test row gives no intervals and no R²." in result.lines()
    constant = one(np.full(7, 0.1), np.linspace(0, 1, 7))
    assert math.isnan(constant.targets[0].r2.value)
    assert "price: R² is undefined, because all test values are the same." in constant.lines()
    assert json.loads(json_text(constant))["targets"][0]["r2"] == {"value": None, "interval": None}


def test_errors_that_are_no_smaller_than_those_of_a_constant_are_named() -> None:
    y = np.arange(9.0)
    assert one(y, np.full(9, 5.0)).lines()[-1] == "price: MAE and RMSE not below the baseline."
    outlier = y + np.where(y == 3, 15, 0)  # MAE 1.67 of 2.22, RMSE 5 of 2.58
    assert one(y, outlier).lines()[-1] == "price: RMSE not below the baseline."
    assert one(y, y + 0.5).lines()[-1].startswith("baselines: ")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_non_finite_predictions_come_first_and_are_counted(value: float) -> None:
    y = np.arange(8.0).reshape(4, 2)
    predictions = y + 1.0
    predictions[2, 1] = value
    result = regression(y, predictions, 0.1, ["a", "b"], y)
    assert result.nonfinite == 1
    assert result.worst[0].row == 2
    assert result.worst[0].target == "b"
    assert result.targets[0].mae.value == 1
    assert not math.isfinite(result.targets[1].mae.value)
    assert "1 of 4 rows have a non-finite prediction (NaN or infinite)." in result.lines()
    assert "b: MAE" not in "\n".join(result.lines())
    assert json.loads(json_text(result))["worst"][0]["error"] is None


def test_what_can_not_be_compared() -> None:
    y = np.arange(3.0)
    for values, message in (
        ((y, np.zeros(4)), "predictions: has 4 rows, but y has 3"),
        ((y, np.zeros((3, 2))), r"predictions: has shape \(3, 2\), but there are 1 targets"),
        ((y[:0], y[:0]), "y: has no rows"),
        ((np.array([1.0, np.nan, 2.0]), y), "y: 1 of 3 rows contain NaN"),
    ):
        with pytest.raises(GlassnetError, match=message):
            one(*values)
    column = one(y[:, None], y)  # (N, 1) and (N,) are the same, not (N, N)
    assert column.targets[0].mae.value == 0
