"""Training curves."""

import numpy as np

from glassnet.plots.curves import best_epoch, curves
from tests.plots.given import HISTORY, texts


def test_the_best_epoch_is_that_of_the_lowest_held_out_loss() -> None:
    assert best_epoch(HISTORY) == 1
    without = [{k: v for k, v in row.items() if not k.startswith("val_")} for row in HISTORY]
    assert best_epoch(without) == 2


def test_the_best_epoch_is_ringed_and_the_gap_shaded() -> None:
    figure = curves(HISTORY)
    loss, accuracy = figure.axes
    for axes, value in ((loss, 0.9), (accuracy, 0.7)):
        ring = axes.lines[-1]
        assert (ring.get_xdata()[0], ring.get_ydata()[0]) == (2, value)
        assert len(axes.collections) == 1
    assert "ring: lowest validation loss, epoch 2" in texts(figure)


def test_one_epoch_without_held_out_examples() -> None:
    figure = curves([{"epoch": 0, "loss": 1.0}])
    (axes,) = figure.axes
    assert axes.get_xlim() == (0.5, 1.5)
    assert not axes.collections
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), [1.0])
