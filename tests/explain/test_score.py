"""Scores are of logits, and their gradients are the network's own."""

import numpy as np
import pytest

from glassnet import Model
from glassnet.core.errors import GlassnetError
from glassnet.explain.score import logits_of, score_of
from glassnet.layers import Activation, Dense, Flatten, Reshape, Sequential
from tests.explain.conftest import planted


@pytest.mark.parametrize("end", [[Dense(3, "softmax")], [Dense(3), Activation("softmax")]])
def test_the_softmax_is_cut_off(end: list) -> None:
    model = Model([Flatten(), *end], input_shape=(2, 2))
    x = np.random.default_rng(0).normal(size=(5, 2, 2)).astype("float32")
    logits = logits_of(model.network).forward(model.params, x)[0]
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(shares, model.predict(x), rtol=1e-5)
    assert np.ptp(logits.sum(axis=1)) > 0.1


def test_logits_are_left_alone() -> None:
    network = Sequential((Dense(3),))
    assert logits_of(network) is network


def test_a_softmax_that_is_moved_afterwards_is_refused() -> None:
    with pytest.raises(GlassnetError, match="logits can't be computed"):
        logits_of(Sequential((Dense(4, "softmax"), Reshape((4,)))))


def test_the_gradient_of_a_difference(mlp: Model) -> None:
    x = planted(1, seed=2)[0].astype("float64")
    params = {n: {k: w.astype("float64") for k, w in p.items()} for n, p in mlp.params.items()}
    score = score_of(mlp.network, params, 3, 0, 1)
    both = score.logits(x)
    np.testing.assert_allclose(score.values(x), both[:, 0] - both[:, 1])

    v, h = np.random.default_rng(1).normal(size=x.shape), 1e-6
    slope = (score.values(x + h * v) - score.values(x - h * v)) / (2 * h)
    np.testing.assert_allclose((score.gradients(x) * v).sum(), slope[0], rtol=1e-6)


def test_invalid_questions(mlp: Model) -> None:
    with pytest.raises(GlassnetError, match="there is no class 3"):
        score_of(mlp.network, mlp.params, 3, 3)
    with pytest.raises(GlassnetError, match="can't be compared with itself"):
        score_of(mlp.network, mlp.params, 3, 1, 1)
