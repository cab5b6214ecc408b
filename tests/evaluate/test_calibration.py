"""Calibration against a calculation by hand, SciPy's minimum, and properties of any temperature."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from glassnet.core.trees import Array
from glassnet.evaluate.calibration import (
    MAX_TEMPERATURE,
    PRIOR,
    calibrated,
    log_of,
    nll,
    reliability,
    temperature,
)
from glassnet.ops.activations import softmax


def test_the_error_by_hand() -> None:
    p = np.array([[0.9, 0.1], [0.88, 0.12], [0.4, 0.6], [0.55, 0.45], [0.0, 1.0]])
    found = reliability(np.array([0, 1, 1, 0, 1]), p)
    # bins of width 1/15: (8/15, 9/15] has 0.6 and 0.55, (13/15, 14/15] 0.9 and 0.88, the last 1
    assert [(one.count, one.accuracy) for one in found.bins] == [(2, 1.0), (2, 0.5), (1, 1.0)]
    assert [one.confidence for one in found.bins] == pytest.approx([0.575, 0.89, 1.0])
    assert [round(15 * one.high) for one in found.bins] == [9, 14, 15]
    assert found.ece == pytest.approx((2 * 0.425 + 2 * 0.39 + 0) / 5)
    logs = [math.log(q) for q in (0.9, 0.12, 0.6, 0.55, 1.0)]
    assert found.nll == pytest.approx(-sum(logs) / 5)


def drawn(seed: int, n: int, classes: int, heat: float) -> tuple[Array, Array]:
    """Logits, and labels drawn from their probabilities at a temperature."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, classes)) * 3
    sums = softmax(logits / heat)[0].cumsum(axis=1)
    return (rng.random((n, 1)) * sums[:, -1:] > sums).sum(axis=1), logits


def test_the_temperature_of_the_labels_is_found_and_calibrates() -> None:
    labels, logits = drawn(0, 20_000, 10, 2.5)
    t = temperature(labels, logits)
    assert t == pytest.approx(2.5, rel=0.02)
    before, after = (reliability(labels, softmax(logits / d)[0]) for d in (1, t))
    assert before.ece > 0.2
    assert after.ece < 2 * after.chance < 0.02


def test_what_chance_alone_makes_of_the_error() -> None:
    """Over many calibrated sets, the mean of the errors is what `chance` predicts."""
    found = [reliability(labels, softmax(logits)[0])
             for labels, logits in (drawn(seed, 500, 10, 1.0) for seed in range(100))]  # fmt: skip
    assert np.mean([one.ece for one in found]) == pytest.approx(
        np.mean([one.chance for one in found]), rel=0.05
    )


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(2, 6), st.floats(0.2, 8))
def test_the_loss_never_rises_and_no_prediction_changes(
    seed: int, n: int, classes: int, heat: float
) -> None:
    labels, logits = drawn(seed, n, classes, heat)
    p = softmax(logits.astype(np.float32))[0]
    t = temperature(labels, log_of(p))
    assert 1 / MAX_TEMPERATURE <= t <= MAX_TEMPERATURE
    q = calibrated(p, t)
    assert nll(labels, log_of(q)) <= nll(labels, log_of(calibrated(p, 1.0))) + 1e-9
    assert (q.argmax(axis=1) == p.argmax(axis=1)).all()
    np.testing.assert_allclose(q.sum(axis=1), 1)

    def loss(log_s: float) -> float:
        """The mean loss, plus the prior's share."""
        prior = PRIOR * (math.exp(log_s) - log_s) / n
        return nll(labels, log_of(softmax(log_of(p) * math.exp(log_s))[0])) + prior

    best = minimize_scalar(
        loss, bounds=(-math.log(MAX_TEMPERATURE), math.log(MAX_TEMPERATURE)), method="bounded"
    )
    assert loss(-math.log(t)) <= best.fun + 1e-6


def test_logits_and_log_probabilities_give_the_same_temperature() -> None:
    labels, logits = drawn(1, 300, 4, 0.6)
    t = temperature(labels, logits)
    assert temperature(labels, log_of(softmax(logits)[0])) == pytest.approx(t, rel=1e-9)
    np.testing.assert_allclose(calibrated(softmax(logits)[0], t), softmax(logits / t)[0], atol=1e-9)


def test_a_probability_of_zero_and_a_set_without_mistakes() -> None:
    p = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)
    assert temperature(np.array([0, 1]), log_of(p)) == pytest.approx(1)  # nothing is learned
    wrong = temperature(np.array([1, 0]), log_of(p))
    margin, s = -float(log_of(p)[0, 1]), 1 / wrong  # slope: 2 p(wrong) margin + a (1 − 1/s) = 0
    slope = 2 * margin / (1 + math.exp(-margin * s)) + PRIOR * (1 - 1 / s)
    assert slope == pytest.approx(0, abs=1e-6)
    assert 20 < wrong < MAX_TEMPERATURE
    assert np.isfinite(calibrated(p, 3.0)).all()
    assert reliability(np.array([0, 1]), p).ece == 0


@pytest.mark.parametrize("n", [10, 30, 100, 300, 1000])
@pytest.mark.parametrize("heat", [0.5, 1.0, 2.0, 4.0])
def test_a_small_validation_split_never_makes_the_test_loss_worse(n: int, heat: float) -> None:
    """Over 100 splits, with and without mistakes, of networks of low and high confidence.

    Where T = 1 is right, no fit can be better; at most 0.02 is lost, and less with more examples.
    """
    for sharpness in (2.0, 6.0, 20.0):
        rng = np.random.default_rng(0)

        def split(rows: int, rng: Any = rng, sharpness: float = sharpness) -> tuple[Array, Array]:
            logits = rng.normal(size=(rows, 5)) * sharpness
            sums = softmax(logits)[0].cumsum(axis=1)
            return (rng.random((rows, 1)) * sums[:, -1:] > sums).sum(axis=1), logits * heat

        labels, logits = split(5000)
        before = nll(labels, log_of(softmax(logits)[0]))
        fits = [temperature(*split(n)) for _ in range(100)]
        after = [nll(labels, log_of(softmax(logits / t)[0])) for t in fits]
        lost = np.array(after) - before
        assert lost.mean() < min(0.02, 2 / n) if heat == 1.0 else lost.mean() < 0.0
        assert lost.max() < 0.3 * max(before, 0.3)


def test_among_thousands_of_examples_the_prior_has_no_weight(monkeypatch: Any) -> None:
    for heat in (0.5, 1.0, 2.5):
        labels, logits = drawn(3, 6000, 10, heat)
        with_prior = temperature(labels, logits)
        monkeypatch.setattr("glassnet.evaluate.calibration.PRIOR", 0.0)
        assert with_prior == pytest.approx(temperature(labels, logits), rel=0.01)
        monkeypatch.undo()
