"""A method that ignores the weights fails the sanity check; integrated gradients passes."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from glassnet import Model
from glassnet.core.trees import Array
from glassnet.explain.deletion import deletion
from glassnet.explain.explanation import Evidence
from glassnet.explain.integrated import integrated_gradients
from glassnet.explain.sanity_check import (
    Method,
    attributions_of_random_weights,
    randomized,
    rank_correlation,
    similarity,
)
from glassnet.explain.score import Score, score_of
from glassnet.layers import Dense, Flatten, Normalization, Sequential
from tests.explain.conftest import planted


def edges(score: Score, x: Array, baseline: Array) -> Array:
    """An edge detector: it looks convincing, but ignores the network."""
    return np.hypot(*np.gradient(x))


def evidence(method: Method, of: Score, x: Array, values: Array | None = None) -> Evidence:
    """The evidence for values, by default those that the method gives."""
    baseline = np.zeros_like(x)
    values = method(of, x, baseline) if values is None else values
    others = attributions_of_random_weights(method, of, x, baseline)
    return Evidence(None, similarity(values, others), deletion(of, x, baseline, values, others))


def test_an_edge_detector_is_rejected(mlp: Model) -> None:
    x = planted(1, seed=5)[0][0]
    found = evidence(edges, score_of(mlp.network, mlp.params, 3, 0), x)
    assert found.similarity is not None
    assert found.similarity > 0.999
    assert any("Random weights give a similar result" in text for text in found.warnings())


def test_with_random_weights_an_explanation_is_rejected(mlp: Model) -> None:
    """An explanation of random weights is rejected, one of the trained weights accepted."""
    rows, rejected, accepted = planted(20, seed=5), 0, 0
    for x, label in zip(*rows, strict=True):
        score = score_of(mlp.network, mlp.params, 3, int(label))
        other = replace(score, params=randomized(mlp.network, mlp.params, x.shape, seed=101))
        values = integrated_gradients(other, x, np.zeros_like(x))
        rejected += bool(evidence(integrated_gradients, score, x, values).warnings())
        accepted += not evidence(integrated_gradients, score, x).warnings()
    assert (rejected, accepted) == (20, 20)


def test_weights_that_explain_nothing_are_not_compared_with() -> None:
    zero = Sequential((Flatten(), Dense(2, kernel_initializer="zeros")))
    params, _ = zero.init(np.random.default_rng(0), (2, 3))
    score, x = score_of(zero, params, 2, 0), np.ones((2, 3), "float32")
    assert attributions_of_random_weights(integrated_gradients, score, x, 0 * x) == []
    assert similarity(x, []) is None


def test_what_describes_the_data_stays() -> None:
    model = Model([Normalization(), Dense(2)])
    model.compile("adam", "mse")
    x = np.random.default_rng(0).normal(5, 3, (50, 4))
    model.fit(x, x[:, :2], verbose=0)
    other = randomized(model.network, model.params, (4,), seed=1)
    np.testing.assert_array_equal(
        other["normalization"]["mean"], model.params["normalization"]["mean"]
    )
    assert (other["dense"]["kernel"] != model.params["dense"]["kernel"]).all()


@given(st.lists(st.integers(-5, 5), min_size=3, max_size=30))
def test_rank_correlation_is_spearman_s(numbers: list[int]) -> None:
    from scipy.stats import spearmanr

    a = np.abs(np.array(numbers, float)) + 1
    b = np.random.default_rng(0).random(len(a)) + 1
    if np.ptp(a):
        assert abs(rank_correlation(-a, b) - spearmanr(a, b).statistic) < 1e-12
        assert rank_correlation(a, 3 * a) > 1 - 1e-12
    else:
        assert rank_correlation(a, b) == 0
