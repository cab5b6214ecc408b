"""A method that doesn't look at the weights fails; integrated gradients passes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from glassnet import Model
from glassnet.explain.explanation import ALIKE, Evidence
from glassnet.explain.integrated import integrated_gradients
from glassnet.explain.randomisation import randomised, rank_correlation, similarity
from glassnet.explain.score import Score, score_of
from glassnet.layers import Dense, Normalization
from glassnet.trees import Array
from tests.explain.conftest import planted


def edges(score: Score, x: Array, baseline: Array) -> Array:
    """An edge detector: it looks convincing, and knows nothing of the network."""
    return np.hypot(*np.gradient(x))


def test_an_edge_detector_is_rejected_and_integrated_gradients_is_not(mlp: Model) -> None:
    x = planted(1, seed=5)[0][0]
    score, baseline = score_of(mlp.network, mlp.params, 3, 0), np.zeros_like(x)
    found = {
        method: similarity(method, score, x, baseline, method(score, x, baseline))
        for method in (edges, integrated_gradients)
    }
    assert found[edges] > 0.999
    assert "Random weights give much the same" in Evidence(similarity=found[edges]).warnings()[0]
    assert found[integrated_gradients] < ALIKE
    assert not Evidence(similarity=found[integrated_gradients]).warnings()


def test_an_attribution_made_with_random_weights_is_rejected(mlp: Model) -> None:
    """The same random weights again, as a network that has learned nothing would have them."""
    x = planted(1, seed=5)[0][0]
    score, baseline = score_of(mlp.network, mlp.params, 3, 0), np.zeros_like(x)

    def at_random(score: Score, x: Array, baseline: Array) -> Array:
        params = randomised(mlp.network, mlp.params, x.shape, seed=9)
        return integrated_gradients(score.of(params), x, baseline)

    values = at_random(score, x, baseline)
    assert similarity(at_random, score, x, baseline, values) >= ALIKE


def test_what_describes_the_data_stays() -> None:
    model = Model([Normalization(), Dense(2)])
    model.compile("adam", "mse")
    x = np.random.default_rng(0).normal(5, 3, (50, 4))
    model.fit(x, x[:, :2], verbose=0)
    other = randomised(model.network, model.params, (4,), seed=1)
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
