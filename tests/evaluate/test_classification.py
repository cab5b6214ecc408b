"""Our few lines against scikit-learn's, which they replace (docs/decisions/0002)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from glassnet.evaluate.classification import classification, interval


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


def test_the_table_names_every_class() -> None:
    found = classification(np.array([0, 1, 1]), np.eye(2)[[0, 1, 0]], 0.1, ["shirt", "bag"])
    lines = found.lines()
    assert lines[0].split() == ["class", "precision", "recall", "F1", "examples"]
    assert lines[2].split() == ["shirt", "0.500", "1.000", "0.667", "1"]
    assert lines[3].split() == ["bag", "1.000", "0.500", "0.667", "2"]
