"""Learning rate plots."""

import numpy as np

from glassnet.plots.rates import compared_rates, rate_curve
from tests.plots.given import HISTORY, texts


def test_runs_by_their_rate_the_lowest_first() -> None:
    worse = [row | {"val_loss": row["val_loss"] + 1} for row in HISTORY]
    figure = compared_rates({0.1: HISTORY, 0.001: worse})
    np.testing.assert_allclose(figure.axes[0].lines[0].get_ydata(), [2.5, 1.9, 2.1])
    assert {"0.001", "0.1"} <= set(texts(figure))


def test_a_range_test_names_the_rate() -> None:
    rates = np.geomspace(1e-4, 1, 50)
    losses = 2 - rates
    assert " 0.01, steepest" in texts(rate_curve(rates, losses, losses, 0.01))
