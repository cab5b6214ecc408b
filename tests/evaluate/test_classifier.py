"""The evaluation of a classifier, on few examples and against scikit-learn."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import top_k_accuracy_score

from glassnet.core.errors import GlassnetError
from glassnet.core.strict_json import as_json
from glassnet.evaluate.classifier import among_likeliest, evaluation

NAMES = ("shirt", "coat", "bag")
OUTPUTS = np.array(
    [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.9, 0.04, 0.06], [0.3, 0.6, 0.1], [0.2, 0.2, 0.6]]
)
LABELS = np.array([0, 0, 1, 0, 2])


def test_pairs_and_mistakes() -> None:
    found = evaluation(LABELS, OUTPUTS, 0.5, NAMES, texts=tuple("abcde"))
    assert [(c.true, c.predicted, c.count) for c in found.confused] == [
        ("shirt", "coat", 2), ("coat", "shirt", 1),
    ]  # fmt: skip
    assert found.confused[0].share == pytest.approx(2 / 3)
    assert [(m.row, m.true, m.predicted, m.confidence, m.text) for m in found.mistakes] == [
        (2, "coat", "shirt", 0.9, "c"), (1, "shirt", "coat", 0.8, "b"),
        (3, "shirt", "coat", 0.6, "d"),
    ]  # fmt: skip
    assert found.top_accuracy == 0.7  # among two: all but row 2, and half of row 1's equal ones
    assert json.loads(json.dumps(as_json(found)))["top"]["k"] == 2


def test_a_temperature_changes_the_confidence_and_nothing_else() -> None:
    bare, scaled = (evaluation(LABELS, OUTPUTS, 0.5, NAMES, temperature=t) for t in (None, 2.0))
    assert bare.calibrated is None
    assert scaled.bare == bare.bare
    assert (scaled.test.confusion == bare.test.confusion).all()
    assert [m.row for m in scaled.mistakes] == [m.row for m in bare.mistakes]
    root = np.sqrt(OUTPUTS[2])
    assert scaled.mistakes[0].confidence == pytest.approx(root[0] / root.sum())


def test_outputs_that_are_not_probabilities() -> None:
    found = evaluation(LABELS, 10 * OUTPUTS - 3, 0.5, NAMES, are_probabilities=False)
    assert (found.bare, found.calibrated) == (None, None)
    assert found.mistakes[0].confidence == pytest.approx(6.0)


@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(3, 6))
def test_the_top_k_is_scikit_learn_s(seed: int, n: int, classes: int) -> None:
    rng = np.random.default_rng(seed)
    labels, outputs = rng.integers(0, classes, n), rng.random((n, classes))
    for k in range(1, classes):
        found = evaluation(labels, outputs / outputs.sum(1, keepdims=True), 0.1, "abcdef"[:classes],
                           top=k)  # fmt: skip
        expected = top_k_accuracy_score(labels, outputs, k=k, labels=range(classes))
        assert found.top_accuracy == pytest.approx(expected)


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(2, 6), st.integers(1, 6))
def test_equal_outputs_share_the_last_places(seed: int, n: int, classes: int, top: int) -> None:
    """Each class has its mean share over all orders of equal outputs."""
    rng = np.random.default_rng(seed)
    labels, outputs = rng.integers(0, classes, n), rng.integers(0, 3, (n, classes)).astype(float)
    every = [
        among_likeliest(np.full(n, label), outputs, min(top, classes)) for label in range(classes)
    ]
    np.testing.assert_allclose(np.sum(every, axis=0), min(top, classes))
    shares = among_likeliest(labels, outputs, min(top, classes))
    drawn = outputs + rng.uniform(0, 0.5, (400, n, classes))
    orders = np.mean([among_likeliest(labels, one, min(top, classes)) for one in drawn], axis=0)
    np.testing.assert_allclose(shares, orders, atol=0.15)


def test_constant_and_nan_outputs_rank_nothing() -> None:
    constant = evaluation(np.arange(10), np.full((10, 10), 0.1), 0.5, "abcdefghij")
    assert constant.top_accuracy == pytest.approx(0.3)
    assert not among_likeliest(LABELS, np.full((5, 3), np.nan), 2).any()


def test_the_scores_rank_what_underflowed() -> None:
    scores = np.array([[300.0, 2.0, 1.0, 0.0]])
    p = np.array([[1.0, 0.0, 0.0, 0.0]])  # softmax, in float32
    for label, top in ((1, 1.0), (2, 0.0), (3, 0.0)):
        found = evaluation(np.array([label]), p, 0.5, "abcd", scores=scores, top=2)
        assert found.top_accuracy == top


def test_more_likeliest_classes_than_there_are() -> None:
    assert evaluation(LABELS, OUTPUTS, 0.5, NAMES, top=3).top_accuracy == 1
    with pytest.raises(GlassnetError, match="--top 4: there are 3 classes"):
        evaluation(LABELS, OUTPUTS, 0.5, NAMES, top=4)
