"""Reliability diagrams."""

import numpy as np

from glassnet.plots.calibration import reliability_diagram
from tests.plots.given import texts


def test_bins_stand_at_their_edges_and_the_error_is_told() -> None:
    figure = reliability_diagram(
        np.array([[0.4, 0.6], [0.8, 1.0]]), np.array([0.5, 0.9]), np.array([0.4, 1.0]),
        np.array([[0.2, 0.6], [0.9, 1.0]]), np.array([10, 30]), 0.1,
    )  # fmt: skip
    bars = figure.axes[0].patches
    middles = [bar.get_x() + bar.get_width() / 2 for bar in bars]
    np.testing.assert_allclose(middles, [0.5, 0.9])
    np.testing.assert_allclose([bar.get_height() for bar in bars], [0.4, 1.0])
    assert "Calibration: the expected error is 10.00 points" in texts(figure)
