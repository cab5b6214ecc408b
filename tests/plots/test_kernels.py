"""Weights as images."""

import numpy as np

from glassnet.plots.kernels import filters, first_weights
from tests.plots.given import pictures, texts, tiles


def test_the_strongest_units_come_first() -> None:
    kernel = np.random.default_rng(0).normal(size=(16, 3)) * [1, 100, 10]
    found = tiles(pictures(first_weights(kernel, (4, 4)))[0][:, : 3 * 6 - 2], 4, 4)
    for one, unit in zip(found, (1, 2, 0), strict=True):
        own = kernel[:, unit].reshape(4, 4)
        np.testing.assert_allclose(one, own / np.abs(own).max())


def test_of_many_units_it_says_how_many_are_shown() -> None:
    figure = first_weights(np.ones((16, 60)), (4, 4))
    assert len(tiles(pictures(figure)[0], 4, 4)) == 48
    assert "Weights of the first layer (48 of 60 units)" in texts(figure)


def test_filters_are_the_mean_of_their_channels() -> None:
    kernel = np.random.default_rng(0).normal(size=(3, 3, 2, 1))
    mean = kernel.mean(axis=2)[..., 0]
    shown = tiles(pictures(filters(kernel))[0], 3, 3)[0]
    np.testing.assert_allclose(shown, mean / np.abs(mean).max())


def test_weights_of_colored_pixels_are_the_mean_of_their_channels() -> None:
    kernel = np.array([[1.0], [1], [1], [-6], [0], [0]])
    figure = first_weights(kernel, (1, 2, 3))
    np.testing.assert_allclose(tiles(pictures(figure)[0], 1, 2)[0], [[0.5, -1]])
    assert any("mean of the channels" in text for text in texts(figure))
