"""Plots of predicted numbers."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.plots.regression import (
    predicted_against_true,
    residual_histogram,
    residuals_against_predicted,
)
from glassnet.plots.style import rendered
from tests.plots.given import texts

TRUE, PREDICTED = np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([[1.5], [2.0], [2.0], [8.0]])


def test_every_example_is_a_point_and_the_line_is_perfect() -> None:
    (axes,) = predicted_against_true(TRUE, PREDICTED, ["price"]).axes
    (points,) = axes.collections
    np.testing.assert_array_equal(points.get_offsets(), np.hstack([TRUE, PREDICTED]))
    x, y = axes.lines[0].get_data()
    assert list(x) == list(y) == [1, 8]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("true price", "predicted price")


def test_examples_outside_of_their_interval_are_orange() -> None:
    half_widths = np.array([[0.4], [0.0], [1.0], [5.0]])
    figure = predicted_against_true(TRUE, PREDICTED, ["price"], half_widths)
    inside, outside = figure.axes[0].collections
    np.testing.assert_array_equal(outside.get_offsets(), [[1.0, 1.5]])
    assert len(inside.get_offsets()) == 3
    assert "orange: 25.0% outside of their interval" in texts(figure)


def test_errors_stand_over_the_predictions_that_they_belong_to() -> None:
    half_widths = np.ones((4, 1))
    (axes,) = residuals_against_predicted(TRUE, PREDICTED, ["price"], half_widths).axes
    shade, inside, outside = axes.collections
    np.testing.assert_array_equal(outside.get_offsets(), [[8.0, 4.0]])
    np.testing.assert_array_equal(inside.get_offsets(), [[1.5, 0.5], [2.0, 0.0], [2.0, -1.0]])
    assert shade.get_paths()[0].vertices[:, 1].min() == -1


def test_the_histogram_counts_every_example_once_with_rare_errors_in_the_outermost_bins() -> None:
    errors = np.random.default_rng(0).normal(0.5, 1, 1000)
    errors[0] = 1e6
    figure = residual_histogram(np.zeros((1000, 1)), errors[:, None], ["price"])
    bars = figure.axes[0].patches
    assert sum(bar.get_height() for bar in bars) == 1000
    assert bars[-1].get_x() < 10
    assert f"dotted: mean error {errors.mean():,.0f}".rsplit(",", 1)[0] in "".join(texts(figure))
    assert sum(b.get_height() for b in residual_histogram(TRUE, TRUE, ["a"]).axes[0].patches) == 4


def test_a_prediction_that_is_not_finite_is_left_out() -> None:
    predicted = np.array([[1.5], [np.nan], [np.inf], [8.0]])
    (points,) = predicted_against_true(TRUE, predicted, ["price"]).axes[0].collections
    assert len(points.get_offsets()) == 2
    with pytest.raises(GlassnetError, match="there is no finite prediction to plot"):
        residual_histogram(TRUE, np.full((4, 1), np.nan), ["price"])


def test_each_target_has_a_plot_of_its_own() -> None:
    true = np.hstack([TRUE, 10 * TRUE, TRUE])
    figure = predicted_against_true(true, true, ["a", "b", "c"])
    drawn = [axes for axes in figure.axes if axes.get_visible()]
    assert [axes.get_xlabel() for axes in drawn] == ["true a", "true b", "true c"]
    np.testing.assert_array_equal(drawn[1].collections[0].get_offsets()[:, 0], 10 * TRUE[:, 0])
    many = residual_histogram(np.tile(TRUE, 14), np.tile(TRUE, 14), [f"t{k}" for k in range(14)])
    assert "Errors (predicted − true) (12 of 14 targets)" in texts(many)


def test_many_points_give_a_small_file_and_always_the_same() -> None:
    true, predicted = np.random.default_rng(0).normal(size=(2, 20_000, 1))
    first, second = (
        rendered(
            residuals_against_predicted(true, predicted, ["x"], np.full((20_000, 1), 2.0)), "svg"
        )
        for _ in range(2)
    )
    assert first == second
    assert len(first) < 300_000
