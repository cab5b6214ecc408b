"""Bars of the importance of columns."""

import numpy as np

from glassnet.plots.colors import BLUE, GRAY
from glassnet.plots.importance import importance_bars, parameter_importances
from tests.plots.given import texts

INTERVALS = np.array([[-0.1, 0.3], [1.5, 2.5], [0.4, 0.6]])


def test_the_most_important_column_comes_first_and_what_may_be_nothing_is_gray() -> None:
    figure = importance_bars(["a", "b", "c"], np.array([0.1, 2.0, 0.5]), INTERVALS, "MAE (euro)")
    (axes,) = figure.axes
    assert [bar.get_width() for bar in axes.patches] == [2.0, 0.5, 0.1]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["b", "c", "a"]
    rgb = [tuple(round(255 * part) for part in bar.get_facecolor()[:3]) for bar in axes.patches]
    blue, gray = (tuple(bytes.fromhex(color[1:])) for color in (BLUE, GRAY))
    assert rgb == [blue, blue, gray]
    (whiskers,) = axes.containers[1].lines[2]
    np.testing.assert_allclose(whiskers.get_segments()[0][:, 0], [1.5, 2.5])
    assert "increase of MAE (euro) if shuffled" in texts(figure)


def test_of_many_columns_the_most_important_are_shown() -> None:
    means = np.arange(30.0)
    names = [f"column {i}" for i in range(30)]
    figure = importance_bars(names, means, np.stack([means, means], axis=1), "RMSE")
    assert len(figure.axes[0].patches) == 20
    assert "column 29" in texts(figure)
    assert "column 5" not in texts(figure)
    assert "Importance of the columns (20 of 30)" in texts(figure)


def test_shares_of_parameters_are_written_at_their_bars() -> None:
    figure = parameter_importances({"dropout": 0.25, "units": 0.75})
    assert [bar.get_width() for bar in figure.axes[0].patches] == [0.75, 0.25]
    assert {"units", "75%", "dropout", "25%"} <= set(texts(figure))
