"""Runs with different seeds, as mean and band."""

import numpy as np

from glassnet.plots.seeds import seeds
from tests.plots.given import HISTORY, texts


def test_mean_and_band_up_to_the_last_epoch_that_all_reached() -> None:
    better = [row | {"val_loss": row["val_loss"] - 0.2} for row in HISTORY]
    figure = seeds({"plain": [HISTORY, better[:2]], "other": [HISTORY]})
    loss = figure.axes[0]
    np.testing.assert_allclose(loss.lines[0].get_ydata(), [1.4, 0.8])
    band = loss.collections[0].get_paths()[0].vertices
    assert {0.7, 0.9, 1.3, 1.5} <= set(band[:, 1].round(6))
    assert {"plain (2)", "other (1)"} <= set(texts(figure))


def test_the_numbers_of_training_where_a_run_held_nothing_out() -> None:
    without = [{"epoch": 0, "loss": 1.0}, {"epoch": 1, "loss": 0.5}]
    assert "Loss: mean of the runs, lowest to highest" in texts(seeds({"a": [HISTORY, without]}))
