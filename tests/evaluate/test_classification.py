"""The metrics against scikit-learn's, which they replace (docs/decisions/0002)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from glassnet.core.trees import Array
from glassnet.evaluate.classification import class_score, classification, interval


@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(2, 6))
def test_equal_to_scikit_learn(seed: int, n: int, classes: int) -> None:
    rng = np.random.default_rng(seed)
    labels, outputs = rng.integers(0, classes, n), rng.random((n, classes))
    guesses = outputs.argmax(axis=1)
    found = classification(labels, outputs, 0.5, [f"class {i}" for i in range(classes)])
    expected = precision_recall_fscore_support(
        labels, guesses, labels=range(classes), zero_division=0
    )
    ours = [(c.precision, c.recall, c.f1, c.support) for c in found.classes]
    np.testing.assert_allclose(np.transpose(ours), expected, atol=1e-12)
    assert (found.confusion == confusion_matrix(labels, guesses, labels=range(classes))).all()
    assert found.accuracy == pytest.approx((guesses == labels).mean())
    low, high = found.accuracy_interval
    assert 0 <= low <= found.accuracy <= high <= 1


def test_wilson_s_interval_by_hand() -> None:
    # Newcombe 1998, table I: 81 of 263, and 0 of 20
    assert interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert interval(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)


def test_no_trial_says_nothing() -> None:
    assert interval(0, 0) == (0.0, 1.0)


@given(st.integers(0, 400), st.integers(1, 400))
def test_wilson_s_interval_is_scipy_s(k: int, n: int) -> None:
    k = min(k, n)
    expected = binomtest(k, n).proportion_ci(method="wilson")
    assert interval(k, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


def coverage(n: int, p: float) -> float:
    """The probability that the interval of n trials contains p: the exact sum over all outcomes."""
    holds = [low <= p <= high for low, high in (interval(k, n) for k in range(n + 1))]
    return float(binom.pmf(np.arange(n + 1), n, p)[holds].sum())


@pytest.mark.parametrize("n", [20, 50, 200, 1000])
def test_wilson_s_interval_holds_the_truth_in_95_of_100(n: int) -> None:
    """On average over p; at a single p near 0 or 1 the steps of k can make it as low as 83%."""
    ps = (np.arange(200) + 0.5) / 200
    covered = np.array([coverage(n, p) for p in ps])
    assert 0.94 < covered.mean() < 0.96
    expected = np.minimum(ps, 1 - ps) * n  # of the rarer outcome
    assert covered[expected >= 10].min(initial=1) > 0.92
    assert covered.min() > 0.83


def f1_coverage(counts: Array, truth: float) -> float:
    """How often the interval contains the true F1, over rows of (TP, FN, FP)."""
    intervals = (class_score("", r, r + m, r + t).f1_interval for r, m, t in counts.tolist())
    return float(np.mean([low <= truth <= high for low, high in intervals]))


@pytest.mark.parametrize(
    "shares", [(0.3, 0.1, 0.05, 0.55), (0.05, 0.05, 0.1, 0.8), (0.09, 0.01, 0.01, 0.89)]
)
def test_the_interval_of_f1_holds_the_truth_in_95_of_100(shares: tuple[float, ...]) -> None:
    right, missed, taken, _ = shares
    drawn = np.random.default_rng(0).multinomial(1000, shares, size=20_000)
    assert 0.94 < f1_coverage(drawn[:, :3], 2 * right / (2 * right + missed + taken)) < 0.96


def test_the_interval_of_f1_is_too_wide_if_the_number_of_examples_of_each_class_is_fixed() -> None:
    """1,000 examples of each class, as in Fashion-MNIST: the more false positives, the wider."""
    rng = np.random.default_rng(0)
    for recall, taken, least, most in ((0.9, 0.01, 0.94, 0.965), (0.7, 0.1, 0.96, 1.0)):
        right, wrong = rng.binomial(1000, recall, 20_000), rng.binomial(9000, taken, 20_000)
        drawn = np.stack([right, 1000 - right, wrong], axis=1)
        truth = 2000 * recall / (1000 * recall + 1000 + 9000 * taken)
        assert least < f1_coverage(drawn, truth) < most


def test_a_class_without_test_examples_has_no_part_in_the_mean() -> None:
    found = classification(np.array([0, 1, 1]), np.eye(3)[[0, 1, 0]], 0.1, ["shirt", "bag", "hat"])
    assert found.macro_f1 == pytest.approx(2 / 3)
    assert found.untested == ("hat",)
    assert found.lines()[-1] == "no test examples of: hat"


def test_the_table_names_every_class() -> None:
    found = classification(np.array([0, 1, 1]), np.eye(2)[[0, 1, 0]], 0.1, ["shirt", "bag"])
    lines = found.lines()
    assert lines[0].split()[::2] == ["class", "(95%)", "(95%)", "(95%)"]
    assert lines[2].split()[::2] == ["shirt", "(0.09–0.91)", "(0.21–1.00)", "(0.17–0.95)"]
    assert lines[2].split()[1::2] == ["0.500", "1.000", "0.667", "1"]
    assert lines[3].split()[1::2] == ["1.000", "0.500", "0.667", "2"]
    assert found.macro_f1 == pytest.approx(2 / 3)
