"""Learning rate plots."""

import numpy as np
import pytest

from glassnet.plots.rates import compared_rates, rate_curve
from glassnet.plots.style import rendered
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


@pytest.mark.parametrize("lowest", [1e-6, 1e-2, 0.4])
def test_ticks_are_plain_text(lowest: float) -> None:
    r"""Not LaTeX such as $\mathdefault{10^{-3}}$, which is never parsed."""
    rates = np.geomspace(lowest, 1, 50)
    figure = rate_curve(rates, 2 - rates, 2 - rates, 0.5)
    rendered(figure, "svg")
    axis = figure.axes[0].xaxis
    labels = [label.get_text() for label in axis.get_ticklabels(which="both") if label.get_text()]
    assert labels
    assert not any("$" in label or "\\" in label for label in labels)
    assert all(float(label) > 0 for label in labels)
