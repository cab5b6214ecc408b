"""Histograms by layer."""

import numpy as np

from glassnet.plots.histograms import activation_histograms, gradient_histograms
from tests.plots.given import texts


def test_a_row_for_each_layer_with_its_share_of_zeros() -> None:
    values = {"dense": np.array([0.0, 0.0, 1.0, 2.0]), "dense_1": np.array([1.0, 3.0])}
    for draw in (activation_histograms, gradient_histograms):
        figure = draw(values)
        assert {"dense", "dense_1", "50% zero", "0% zero"} <= set(texts(figure))
        assert len(figure.axes) == 2


def test_of_very_many_layers_some_and_it_says_so() -> None:
    values = {f"layer_{i}": np.arange(5.0) for i in range(45)}
    figure = activation_histograms(values)
    assert len(figure.axes) == 20
    assert "Outputs by layer (20 of 45 layers)" in texts(figure)


def test_gradients_that_are_all_zero_can_be_drawn() -> None:
    assert "100% zero" in texts(gradient_histograms({"dead": np.zeros(4)}))
