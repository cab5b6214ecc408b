"""Weights as images."""

import numpy as np

from glassnet.evaluate.plots.kernels import filters, first_weights
from tests.evaluate.plots.given import pictures, texts


def test_the_strongest_units_come_first() -> None:
    kernel = np.random.default_rng(0).normal(size=(16, 3)) * [1, 100, 10]
    found = pictures(first_weights(kernel, (4, 4)))
    np.testing.assert_array_equal(found[0], kernel[:, 1].reshape(4, 4))
    np.testing.assert_array_equal(found[2], kernel[:, 0].reshape(4, 4))


def test_of_many_units_it_says_how_many_are_shown() -> None:
    figure = first_weights(np.ones((16, 60)), (4, 4))
    assert len(pictures(figure)) == 48
    assert "What the first layer looks for (48 of 60 units)" in texts(figure)


def test_filters_are_the_mean_of_their_channels() -> None:
    kernel = np.random.default_rng(0).normal(size=(3, 3, 2, 1))
    np.testing.assert_allclose(pictures(filters(kernel))[0], kernel.mean(axis=2)[..., 0])
