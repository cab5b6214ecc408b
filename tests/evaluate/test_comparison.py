"""Tests and intervals against published values, sums by hand and simulation."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, ttest_rel

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Array
from glassnet.evaluate.comparison import (
    changes,
    error_changes,
    holm,
    mae_difference,
    mcnemar,
    over_seeds,
    rmse_difference,
)


def answers(both: int, first: int, second: int, neither: int) -> tuple[Array, Array]:
    """Which of two classifiers are correct, for these numbers of examples."""
    counts = (both, first, second, neither)
    return np.repeat([True, True, False, False], counts), np.repeat([1, 0, 1, 0], counts) == 1


@pytest.mark.parametrize(
    ("table", "p"),
    [
        ((101, 121, 59, 33), 4.434e-06),  # statsmodels' documentation of mcnemar(exact=True)
        ((794, 86, 150, 570), 3.716e-05),  # Agresti 1990, p. 350, exact
        ((0, 1, 9, 0), 22 / 1024),
        ((50, 5, 5, 3), 1.0),
        ((50, 0, 0, 3), 1.0),
    ],
)
def test_mcnemar_s_published_values(table: tuple[int, ...], p: float) -> None:
    assert mcnemar(*answers(*table)).p == pytest.approx(p, rel=2e-3)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 99))
def test_mcnemar_is_the_sum_over_coins(b: int, c: int, both: int) -> None:
    found = mcnemar(*answers(both + 1, b, c, 0))
    tail = sum(math.comb(b + c, k) for k in range(min(b, c) + 1)) / 2 ** (b + c)
    assert found.p == pytest.approx(min(1.0, 2 * tail), rel=1e-9)
    assert found.mean == pytest.approx((c - b) / (both + 1 + b + c))
    low, high = found.interval
    assert -1 <= low <= found.mean <= high <= 1
    turned = mcnemar(*answers(both + 1, c, b, 0))
    assert turned.interval == pytest.approx((-high, -low))


@pytest.mark.parametrize(
    ("table", "interval"),
    [
        # p̃ = 6/102, q̃ = 16/102: 10/102 ± 1.959964 √((22/102 − (10/102)²)/102)
        ((70, 5, 15, 10), (0.00994240, 0.18613603)),
        ((70, 15, 5, 10), (-0.18613603, -0.00994240)),
        # p̃ = 1/3, q̃ = 2/3: 1/3 ± 1.959964 √((1 − 1/9)/3), cut at 1
        ((0, 0, 1, 0), (-0.7335355, 1.0)),
    ],
)
def test_mcnemar_s_interval_by_hand(table: tuple[int, ...], interval: tuple[float, float]) -> None:
    assert mcnemar(*answers(*table)).interval == pytest.approx(interval, abs=1e-6)


@pytest.mark.parametrize("shares", [(0.8, 0.05, 0.06, 0.09), (0.85, 0.02, 0.02, 0.11)])
def test_the_interval_of_the_difference_holds_the_truth_in_95_of_100(
    shares: tuple[float, ...],
) -> None:
    drawn = np.random.default_rng(0).multinomial(1000, shares, 4000)
    held = [low <= shares[2] - shares[1] <= high
            for low, high in (mcnemar(*answers(*row)).interval for row in drawn)]  # fmt: skip
    assert 0.94 < np.mean(held) < 0.96


def test_mcnemar_cries_wolf_in_at_most_5_of_100() -> None:
    drawn = np.random.default_rng(0).multinomial(1000, (0.8, 0.05, 0.05, 0.1), 4000)
    assert 0.02 < np.mean([mcnemar(*answers(*row)).p < 0.05 for row in drawn]) <= 0.05


@given(st.integers(0, 2**32 - 1), st.integers(2, 12))
def test_seeds_are_compared_as_by_scipy(seed: int, n: int) -> None:
    first, second = np.random.default_rng(seed).normal(0.9, 0.01, (2, n))
    expected = ttest_rel(second, first)
    found, limits = over_seeds(first, second, 10**7), expected.confidence_interval()
    assert found.p == pytest.approx(expected.pvalue, rel=1e-6)
    assert found.interval == pytest.approx((limits.low, limits.high))


def test_equal_differences_are_no_proof_where_accuracies_are_coarse() -> None:
    few, many = (over_seeds([0.8] * 3, [0.81] * 3, n) for n in (100, 10_000))
    assert few.p > 0.05 > many.p
    assert few.interval[0] < 0 < many.interval[0]
    assert over_seeds([0.8, 0.9], [0.8, 0.9], 100).p == 1


def test_p_does_not_leap_where_one_of_equal_differences_is_moved() -> None:
    equal, moved = (over_seeds([0.8] * 5, [0.81] * 4 + [x], 10_000).p for x in (0.81, 0.8101))
    assert 0.1 < equal / moved < 1


def test_without_normal_differences_n_seeds_have_a_least_p() -> None:
    for n in range(2, 9):  # equal differences, so the t-test is as sure as can be
        comparison = over_seeds([0.8] * n, [0.81] * n, 10_000)
        assert comparison.sign_flip_p == pytest.approx(2.0 ** (1 - n))
        assert comparison.p < comparison.sign_flip_p
    # ±1 ± 2 ± 4 is at least 1 in size for all 8 choices of signs
    by_hand = over_seeds([0.5] * 3, [0.51, 0.52, 0.46], 100)
    assert by_hand.sign_flip_p == pytest.approx(1.0)
    # at least 7 only for two of them
    assert over_seeds([0.5] * 3, [0.51, 0.52, 0.54], 100).sign_flip_p == pytest.approx(0.25)
    # ±3 ± 2 ± 1 is at least 4 = 3 + 2 − 1 in size for 4 of 8
    assert over_seeds([0.5] * 3, [0.53, 0.52, 0.49], 100).sign_flip_p == pytest.approx(0.5)


def test_the_sign_flip_test_cries_wolf_in_at_most_5_of_100() -> None:
    rng = np.random.default_rng(0)  # differences far from normal: only two values
    drawn = 0.9 + 0.01 * rng.choice([-1.0, 1.0], (300, 7))
    assert np.mean([over_seeds([0.9] * 7, row, 10_000).sign_flip_p < 0.05 for row in drawn]) <= 0.05


def test_holm_s_correction_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.7, 0.6]) == [1.0, 1.0]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_s_correction_is_between_none_and_bonferroni_s(ps: list[float]) -> None:
    found = holm(ps)
    for p, corrected in zip(ps, found, strict=True):
        assert p <= corrected <= min(1.0, len(ps) * p) + 1e-12
    assert (np.array(found) >= false_discovery_control(ps) - 1e-12).all()  # the laxer rule


def test_what_changed() -> None:
    labels, first, second = np.array([[0, 0, 1, 1, 2], [0, 1, 1, 0, 0], [0, 0, 2, 2, 1]])
    found = changes(labels, first, second, ("shirt", "coat", "bag"))
    assert (found.count, found.fixed, found.broken) == (4, {"shirt": 1}, {"coat": 1})
    assert [row.row for row in found.rows] == [1, 2, 3, 4]
    assert vars(found.rows[2]) == {
        "row": 3, "true": "coat", "first": "shirt", "second": "bag",
        "place": "test row 3"}  # fmt: skip


def test_mcnemar_takes_truth_values() -> None:
    for first, second in (([1, 0, 2], [1, 1, 3]), ([True], [True, False])):
        with pytest.raises(GlassnetError, match="True or False for each"):
            mcnemar(np.array(first), np.array(second))
    assert mcnemar([True, False], [False, False]).mean == -0.5  # type: ignore[arg-type]


def test_absolute_errors_are_compared_as_by_scipy() -> None:
    y, first, second = np.random.default_rng(0).normal(size=(3, 40))
    expected = ttest_rel(abs(second - y), abs(first - y))
    difference, limits = mae_difference(y, first, second), expected.confidence_interval()
    assert difference.p == pytest.approx(expected.pvalue)
    assert difference.interval == pytest.approx((limits.low, limits.high))
    assert difference.mean == pytest.approx(abs(second - y).mean() - abs(first - y).mean())
    turned = rmse_difference(y, second, first)
    assert turned.mean == pytest.approx(-rmse_difference(y, first, second).mean)


def test_roots_of_squares_by_hand() -> None:
    # errors (1, 1, 1) and (2, 2, 5): RMSE 1 and √11; ψ = e²/(2 √11) − 1/2, whose s is 7 √3/√11
    y = np.zeros(3)
    difference = rmse_difference(y, y + 1, np.array([2.0, -2.0, 5.0]))
    assert difference.mean == pytest.approx(math.sqrt(11) - 1)
    half = 4.302653 * (21 / (2 * math.sqrt(11))) / math.sqrt(3) / math.sqrt(3)
    low, high = difference.interval
    assert (high - low) / 2 == pytest.approx(half, rel=1e-6)


@pytest.mark.parametrize("compare", [mae_difference, rmse_difference])
def test_equal_errors_are_called_different_in_at_most_5_of_100(compare: Any) -> None:
    """Errors with heavy tails that depend on each other, as those of two networks do."""
    rng = np.random.default_rng(0)
    cries = []
    for _ in range(600):
        common = rng.standard_t(3, 50)
        first, second = (common + rng.standard_t(3, 50) for _ in range(2))
        cries.append(compare(np.zeros(50), first, second).p < 0.05)
    assert 0.005 < np.mean(cries) < 0.065


@pytest.mark.parametrize("compare", [mae_difference, rmse_difference])
def test_the_interval_of_the_difference_of_errors_holds_the_truth(compare: Any) -> None:
    """Normal errors with standard deviations 1 and 1.5, and a correlation of 0.67."""
    rng = np.random.default_rng(1)
    truth = 0.5 * (math.sqrt(2 / math.pi) if compare is mae_difference else 1)
    held = []
    for _ in range(1000):
        first = rng.normal(size=60)
        second = first + rng.normal(0, math.sqrt(1.25), 60)
        low, high = compare(np.zeros(60), first, second).interval
        held.append(low <= truth <= high)
    assert 0.93 < np.mean(held) < 0.97


def test_the_same_predictions_do_not_differ() -> None:
    y, predictions = np.arange(5.0), np.ones(5)
    for compare in (mae_difference, rmse_difference):
        same = compare(y, predictions, predictions)
        assert (same.mean, same.p, same.interval) == (0, 1, (0, 0))
        assert compare(y, y, y).p == 1
        assert compare(y, y, y + 1).p == 2**-4  # the same difference in every row: 2 of 2⁵ signs
    assert over_seeds([1.0, 2.0], [1.0, 2.0], None).p == 1


def test_seeds_of_a_metric_that_is_not_rounded() -> None:
    first, second = np.random.default_rng(0).normal(20, 1, (2, 6))
    assert over_seeds(first, second, None).p == pytest.approx(ttest_rel(second, first).pvalue)


def test_rows_that_are_predicted_better_or_worse() -> None:
    y = np.array([1.0, 2.0, 3.0, 4.0])
    first, second = np.array([1.0, 3.0, 4.0, 4.0]), np.array([4.0, 2.0, 2.0, 4.0])
    difference = error_changes(y, first, second, "price", "line {}".format)
    assert difference.target == "price"
    assert (difference.count, difference.better, difference.worse) == (2, 1, 1)
    assert [vars(row) for row in difference.rows] == [
        {"row": 0, "true": 1.0, "first": 1.0, "second": 4.0, "place": "line 0"},
        {"row": 1, "true": 2.0, "first": 3.0, "second": 2.0, "place": "line 1"},
    ]


def test_errors_of_different_rows_are_not_compared() -> None:
    y = np.arange(3.0)
    for values, message in (
        ((y, y, y[:2]), r"same 2 or more rows, got \(3,\), \(3,\), \(2,\)"),
        ((y[:1], y[:1], y[:1]), "same 2 or more rows"),
        ((y, y[:, None], y[:, None]), "Pass one target at a time"),
        ((y, y, y * np.nan), "second: 3 of 3 rows contain NaN"),
    ):
        with pytest.raises(GlassnetError, match=message):
            mae_difference(*values)
