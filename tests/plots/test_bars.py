"""Probability bars."""

import numpy as np
from matplotlib.colors import to_hex

from glassnet.plots.bars import probability_bars
from glassnet.plots.colors import BLUE, ORANGE
from tests.plots.given import pictures, texts


def test_the_true_class_is_blue_and_a_wrong_one_that_won_orange() -> None:
    probabilities = np.array([[0.7, 0.25, 0.05]])
    figure = probability_bars(["row 3"], np.array([1]), probabilities, ("cat", "dog", "emu"))
    colors = [to_hex(bar.get_facecolor()).upper() for bar in figure.axes[0].patches]
    assert colors[:2] == [ORANGE, BLUE]
    assert {"row 3", "cat", "70%", "25%", "5%"} <= set(texts(figure))


def test_images_stand_beside_their_bars() -> None:
    images = np.zeros((3, 4, 4))
    given = ["a", "b", "c"], np.zeros(3, int), np.full((3, 2), 0.5), ("x", "y")
    assert len(pictures(probability_bars(*given, images))) == 3
    assert not pictures(probability_bars(*given))
