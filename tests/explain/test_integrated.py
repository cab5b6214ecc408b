"""Integrated gradients: exact where it can be, and complete within 1%."""

import numpy as np
import pytest

from glassnet import Model
from glassnet.explain.integrated import completeness_error, integrated_gradients
from glassnet.explain.saliency import gradient_times_input
from glassnet.explain.score import Score, score_of
from glassnet.layers import Dense
from tests.explain.conftest import planted

NETWORKS = ("mlp", "cnn")


def test_of_a_linear_network_it_is_gradient_times_input() -> None:
    model = Model([Dense(3)], input_shape=(4,), dtype="float64")
    rng = np.random.default_rng(0)
    x, baseline = rng.normal(size=(2, 4))
    score = score_of(model.network, model.params, 3, 2)
    by_hand = (x - baseline) * model.params["dense"]["kernel"][:, 2]
    for method in (integrated_gradients, gradient_times_input):
        np.testing.assert_allclose(method(score, x, baseline), by_hand, rtol=1e-12)


@pytest.mark.parametrize("name", NETWORKS)
def test_it_agrees_with_a_naive_riemann_sum(name: str, request: pytest.FixtureRequest) -> None:
    score, x = scored(request.getfixturevalue(name), 0)
    baseline = np.full_like(x, 0.2)
    steps = (np.arange(4000) + 0.5) / 4000
    slope = np.zeros(x.shape)
    for t in steps.reshape(-1, 200):
        slope += score.gradients(
            (baseline + t[:, None, None] * (x - baseline)).astype("float32")
        ).sum(axis=0)
    naive = (x - baseline) * slope / 4000
    found = integrated_gradients(score, x, baseline)
    assert np.abs(found - naive).sum() < 0.02 * np.abs(naive).sum()


@pytest.mark.parametrize("against", [None, 1])
@pytest.mark.parametrize("name", NETWORKS)
def test_attributions_sum_to_the_change_within_1_percent(
    name: str, against: int | None, request: pytest.FixtureRequest
) -> None:
    """Of a logit, and of the difference of two."""
    model = request.getfixturevalue(name)
    for row in range(5):
        score, x = scored(model, row, against)
        baseline = np.zeros_like(x)
        values = integrated_gradients(score, x, baseline)
        logits = score.logits(np.stack([x, baseline])).astype("float64") @ score.weights
        assert abs(values.sum() - (logits[0] - logits[1])) <= 0.01 * abs(logits[0] - logits[1])
        assert completeness_error(score, values, x, baseline) <= 0.01


def test_an_unsummed_attribution_is_incomplete(mlp: Model) -> None:
    score, x = scored(mlp, 0)
    baseline = np.zeros_like(x)
    values = integrated_gradients(score, x, baseline)
    assert abs(completeness_error(score, 1.5 * values, x, baseline) - 0.5) < 0.02


def scored(model: Model, row: int, against: int | None = None) -> tuple[Score, np.ndarray]:
    """The score of an example that class 0 is asked of, and the example."""
    x = planted(8, seed=3)[0][row]
    return score_of(model.network, model.params, 3, 0, against), x
