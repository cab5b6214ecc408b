"""Saliency is the gradient's size."""

import numpy as np

from glassnet import Model
from glassnet.explain.saliency import saliency
from glassnet.explain.score import score_of
from glassnet.layers import Dense


def test_of_a_linear_network_it_is_the_kernel() -> None:
    model = Model([Dense(3, "softmax")], input_shape=(4,))
    score = score_of(model.network, model.params, 3, 1, 0)
    kernel = model.params["dense"]["kernel"]
    found = saliency(score, np.ones(4, "float32"), np.zeros(4, "float32"))
    np.testing.assert_allclose(found, np.abs(kernel[:, 1] - kernel[:, 0]), rtol=1e-6)
