"""Plots of the trials of a search."""

import math

import numpy as np
import pytest
from matplotlib.colors import to_hex

from glassnet.plots.colors import FAINT, ORANGE
from glassnet.plots.style import rendered
from glassnet.plots.trials import Trials, trial_costs, trial_curves, trial_history
from tests.plots.given import texts

NAN = math.nan
TRIALS = Trials(
    np.array([0.5, 0.7, NAN, 0.6, 0.4]),
    ["completed", "completed", "failed", "pruned", "running"],
    True,
    "validation accuracy",
    1,
)


def test_an_axis_reaches_from_the_best_to_the_worst() -> None:
    low, high = TRIALS.limits
    assert low < 0.4
    assert high > 0.7
    np.testing.assert_allclose(TRIALS.shown, [0.5, 0.7, low, 0.6, 0.4])
    assert TRIALS.cut == 0


@pytest.mark.parametrize("maximize", [True, False])
def test_scores_that_are_far_worse_are_drawn_at_the_end(maximize: bool) -> None:
    sign = 1 if maximize else -1
    scores = sign * np.array([1.0, 1.1, 1.2, 1.3, -1e6, -math.inf])
    trials = Trials(scores, ["completed"] * 6, maximize, "score", 3)
    assert trials.cut == 2
    low, high = trials.limits
    assert high - low < 3
    assert (trials.shown[4:] == (low if maximize else high)).all()
    assert low < min(scores[:4])
    assert high > max(scores[:4])


def test_no_accuracy_above_100_percent_is_on_the_axis() -> None:
    trials = Trials(np.array([0.9, 1.0]), ["completed"] * 2, True, "validation accuracy", 1)
    assert trials.limits[1] <= 1.01


def test_the_winner_is_ringed_and_the_best_so_far_is_a_line() -> None:
    figure = trial_history(TRIALS, [0.5, 0.7, 0.7, 0.7])
    (axes,) = figure.axes
    ring, steps = axes.lines
    assert (ring.get_xdata()[0], ring.get_ydata()[0]) == (1, 0.7)
    assert to_hex(ring.get_color()).upper() == ORANGE
    np.testing.assert_array_equal(steps.get_xdata(), [0, 1, 2, 3])
    np.testing.assert_array_equal(steps.get_ydata(), [0.5, 0.7, 0.7, 0.7])
    drawn = {c.get_label(): len(c.get_offsets()) for c in axes.collections}
    assert drawn == {"completed": 2, "pruned": 1, "failed": 1, "running": 1}


def test_a_band_without_an_end_reaches_to_that_of_the_axis() -> None:
    band = (np.array([0.5, 0.6]), np.array([-math.inf, 0.5]), np.array([0.7, math.inf]))
    trials = Trials(np.array([0.5, 0.7]), ["completed"] * 2, True, "score", 1)
    (axes,) = trial_history(trials, [0.5, 0.7], band).axes
    heights = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == pytest.approx(trials.limits)


def test_learning_curves_are_pale_if_pruned_and_thick_if_they_won() -> None:
    curves = [{1: 0.3, 2: 0.5}, {1: 0.4, 2: 0.7}, {}, {1: 0.6}, {1: 0.4}]
    (axes,) = trial_curves(TRIALS, curves).axes
    by_label = {line.get_label(): line for line in axes.lines}
    assert set(by_label) == {"pruned", "running", "completed", "winner"}
    assert to_hex(by_label["pruned"].get_color()).upper() == FAINT
    winner = by_label["winner"]
    np.testing.assert_array_equal(winner.get_ydata(), [0.4, 0.7])
    assert winner.get_linewidth() > by_label["completed"].get_linewidth()


def test_the_costs_are_bars() -> None:
    figure = trial_costs(TRIALS, np.array([1.0, 2, 0, 3, 4]), "seconds")
    assert sorted(bar.get_height() for bar in figure.axes[0].patches) == [0, 1, 2, 3, 4]
    assert {"Seconds of each trial", "completed", "pruned", "failed"} <= set(texts(figure))


@pytest.mark.parametrize("count", [0, 1, 1000])
def test_any_number_of_trials_can_be_drawn(count: int) -> None:
    scores = np.linspace(0.5, 0.9, count)
    trials = Trials(scores, ["completed"] * count, True, "score", count - 1 if count else None)
    drawings = (
        trial_history(trials, list(scores)),
        trial_curves(trials, [{1: 0.1, 2: float(score)} for score in scores]),
        trial_costs(trials, scores, "steps"),
    )
    for drawing in drawings:
        assert len(rendered(drawing, "svg")) < 400_000


def test_curves_of_bad_trials_are_shown_in_full() -> None:
    curves = [{1: 0.9, 2: 0.92}, {1: 0.9, 2: 0.91}, {1: 0.1, 2: 0.89}]
    scores = np.array([0.92, 0.91, 0.89])
    trials = Trials(scores, ["completed"] * 3, True, "validation accuracy", 0)
    (axes,) = trial_curves(trials, curves).axes
    assert axes.get_ylim()[0] < 0.1
