"""The metrics of multiple labels against scikit-learn's, and the edges."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    hamming_loss,
    precision_recall_fscore_support,
    roc_auc_score,
)

from glassnet.core.errors import GlassnetError
from glassnet.core.strict_json import json_text
from glassnet.core.trees import Array
from glassnet.evaluate.classification import interval
from glassnet.evaluate.multi_label import MultiLabel, multi_label

NAMES = ("red", "round", "new")


def of(y: Array, p: Array, threshold: float = 0.5) -> MultiLabel:
    return multi_label(y, p, 0.5, NAMES[: y.shape[1]], y, threshold)


def data(seed: int, n: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    y = (rng.random((n, 3)) < [0.3, 0.5, 0.7]).astype(np.float32)
    y[:2] = [[0, 0, 0], [1, 1, 1]]
    return y, np.clip(0.6 * y + 0.4 * rng.random((n, 3)) + rng.normal(0, 0.2, (n, 3)), 0, 1)


@given(st.integers(0, 2**32 - 1), st.integers(3, 60), st.sampled_from([0.3, 0.5, 0.8]))
def test_equal_to_scikit_learn(seed: int, n: int, threshold: float) -> None:
    y, p = data(seed, n)
    predicted, result = p >= threshold, of(y, p, threshold)
    expected = precision_recall_fscore_support(y, predicted, zero_division=0)
    ours = [(s.precision, s.recall, s.f1, s.support) for s in result.labels]
    np.testing.assert_allclose(np.transpose(ours), expected, atol=1e-12)
    for average, f1 in (("micro", result.micro_f1), ("macro", result.macro_f1)):
        assert f1.value == pytest.approx(f1_score(y, predicted, average=average, zero_division=0))
    assert result.hamming_loss.value == pytest.approx(hamming_loss(y, predicted))
    assert result.exact == pytest.approx(accuracy_score(y, predicted))
    assert result.exact_interval == interval(round(result.exact * n), n)
    assert [s.auc for s in result.labels] == pytest.approx(roc_auc_score(y, p, average=None))


def test_the_table() -> None:
    y = np.array([[1, 0], [1, 1], [0, 1], [0, 0]])
    lines = of(y, np.array([[0.9, 0.1], [0.8, 0.4], [0.2, 0.7], [0.1, 0.2]])).lines()
    assert lines[0].split("  ")[0] == "label"
    intervals = ["(0.34–1.00)", "(0.34–1.00)", "(0.51–1.00)", "(0.51–1.00)", "(0.34–1.00)"]
    assert lines[2].split()[::2] == ["red", *intervals]
    assert lines[3].split()[1::2] == ["1.000", "0.500", "0.667", "1.000", "1.000", "2"]
    assert lines[4] == "all labels correct 0.750 (0.301 to 0.954)"
    assert lines[5].startswith("Hamming loss 0.125 (")
    assert lines[5].endswith("most frequent value of each label: 0.500")
    assert lines[6].startswith("F1 over all labels 0.857 (")
    assert "mean 0.833 (" in lines[6]
    assert len(lines) == 7


def test_labels_that_never_or_always_occur() -> None:
    y = np.array([[0, 1, 1], [0, 1, 0], [0, 1, 1]])
    result = of(y, np.array([[0.6, 0.9, 0.9], [0.1, 0.8, 0.2], [0.1, 0.3, 0.7]]))
    never, always, both = result.labels
    assert math.isnan(never.auc)
    assert math.isnan(never.average_precision)
    assert math.isnan(always.auc)
    assert both.auc == always.average_precision == 1
    assert result.macro_f1.value == pytest.approx((0.8 + 1) / 2)  # without the first
    lines = result.lines()
    assert lines[-3:-1] == ["no test examples of: red", "in all test examples: round"]
    assert lines[2].split()[-2:] == ["undefined", "0"]
    assert json.loads(json_text(result))["labels"][0]["auc"] is None
    empty = of(np.zeros((3, 2)), np.zeros((3, 2)))
    assert math.isnan(empty.macro_f1.value)
    assert math.isnan(empty.micro_f1.value)
    assert empty.hamming_loss.value == 0


def test_a_network_that_predicts_the_most_frequent_values_is_named() -> None:
    y = np.array([[1, 0], [1, 0], [1, 1], [0, 0]])
    note = "No better than always predicting the most frequent value of each label."
    assert note in of(y, np.tile([0.9, 0.1], (4, 1))).lines()
    assert note not in of(y, y + 0.0).lines()


def test_a_non_finite_output_is_counted_and_predicts_nothing() -> None:
    y, p = data(0, 9)
    p[3, 1] = np.nan
    result = of(y, p)
    assert result.nonfinite == 1
    assert "1 of 9 rows have a non-finite prediction (NaN or infinite)." in result.lines()
    zero = p.copy()
    zero[3, 1] = 0
    assert result.labels[1].f1 == of(y, zero).labels[1].f1


def test_intervals_hold_the_truth_though_labels_of_a_row_depend_on_each_other() -> None:
    """All three labels of a row are equal, and so are their errors: as if there were one."""
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(1000):
        y = (rng.random((80, 1)) < 0.5) * np.ones((1, 3))
        wrong = rng.random((80, 1)) < 0.2
        result = of(y, np.where(wrong, 1 - y, y))
        ends = [e.interval for e in (result.hamming_loss, result.micro_f1, result.macro_f1)]
        truth = 0.2, 0.8, 0.8  # 2 · 0.4/(0.5 + 0.5)
        covered.append([a[0] <= t <= a[1] for a, t in zip(ends, truth, strict=True) if a])
    assert (np.abs(np.mean(covered, axis=0) - 0.95) < 0.02).all()


def test_what_is_refused() -> None:
    y, p = data(0, 5)
    for values, message in (
        ((y, p[:, :2]), r"probabilities: has shape \(5, 2\), but there are 3 labels"),
        ((y, p[:4]), "probabilities: has 4 rows, but y has 5"),
        ((y * 2, p), "y: row 1 has a label other than 0 and 1"),
        ((y[:0], p[:0]), "y: has no rows"),
    ):
        with pytest.raises(GlassnetError, match=message):
            of(*values)
