"""SmoothGrad averages gradients around the example."""

import numpy as np

from glassnet import Model
from glassnet.explain.score import Score, score_of
from glassnet.explain.smoothgrad import COPIES, NOISE, smoothgrad
from glassnet.layers import Activation, Dense, Sequential


def test_of_a_linear_network_it_is_the_gradient() -> None:
    model = Model([Dense(2)], input_shape=(3,))
    score = score_of(model.network, model.params, 2, 0)
    x = np.array([0, 1, 2], "float32")
    found = smoothgrad(score, x, np.zeros_like(x))
    np.testing.assert_allclose(found, model.params["dense"]["kernel"][:, 0], rtol=1e-6)


def test_it_smooths_a_kink() -> None:
    """The derivative of relu at 0 becomes the share of copies above 0: about a half."""
    score = Score(Sequential((Activation("relu"),)), {}, np.array([1.0, 0]))
    found = smoothgrad(score, np.array([0, 1], "float32"), np.zeros(2, "float32"))
    assert abs(found[0] - 0.5) < 3 * 0.5 / COPIES**0.5
    assert found[1] == 0
    assert NOISE > 0
