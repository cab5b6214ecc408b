"""Parallel coordinates and slices."""

import math

import numpy as np
import pytest
from matplotlib.colors import to_hex

from glassnet.plots.colors import ORANGE
from glassnet.plots.parameters import MOST_LINES, Searched, parallel_coordinates, slices
from glassnet.plots.style import rendered
from glassnet.plots.trials import Trials
from tests.plots.given import texts

NAN = math.nan
RATE = Searched("learning_rate", [1e-4, 1e-3, 1e-2], low=1e-4, high=1e-2, log=True)
KIND = Searched("activation", ["relu", "tanh", "relu"], ("relu", "tanh"))
UNITS = Searched("units", [None, 16, 64], low=16, high=64)
TRIALS = Trials(np.array([0.5, 0.7, 0.6]), ["completed"] * 3, True, "score", 1)


def test_values_lie_where_their_scale_says() -> None:
    np.testing.assert_allclose(RATE.places(), [0, 0.5, 1])
    np.testing.assert_allclose(KIND.places(), [0.25, 0.75, 0.25])
    np.testing.assert_array_equal(UNITS.places(), [NAN, 0, 1])
    assert UNITS.count == 2


def test_ticks_are_at_the_numbers_that_they_name() -> None:
    places, names = RATE.ticks()
    np.testing.assert_allclose(places, [0, 0.5, 1])
    assert names == ["0.0001", "0.001", "0.01"]
    assert KIND.ticks() == ([0.25, 0.75], ["relu", "tanh"])
    assert UNITS.ticks() == ([0, 0.5, 1], ["16", "40", "64"])
    assert Searched("n", [1], low=1, high=2).ticks()[1] == ["1", "2"]


def test_a_line_for_each_trial_down_to_its_score_and_broken_where_it_has_no_value() -> None:
    (axes,) = parallel_coordinates(TRIALS, [RATE, KIND, UNITS]).axes
    lines = [line for line in axes.lines if line.get_marker() == "."]
    assert len(lines) == 3
    low, high = TRIALS.limits
    worst, _, best = (line.get_xdata() for line in lines)  # the best is drawn last
    np.testing.assert_allclose(worst, [0, 0.25, NAN, (0.5 - low) / (high - low)])
    np.testing.assert_allclose(best, [0.5, 0.75, 0, (0.7 - low) / (high - low)])
    assert to_hex(lines[-1].get_color()).upper() == ORANGE
    assert [t.get_text() for t in axes.get_yticklabels()] == [
        "learning_rate", "activation", "units", "score"
    ]  # fmt: skip


def test_pruned_trials_have_no_score_in_parallel_coordinates() -> None:
    trials = Trials(TRIALS.scores, ["pruned", "completed", "failed"], True, "score", 1)
    (axes,) = parallel_coordinates(trials, [RATE, KIND]).axes
    lines = [line for line in axes.lines if line.get_marker() == "."]
    assert [len(line.get_xdata()) for line in lines] == [2, 3]


def test_slices_have_the_trials_that_have_the_parameter() -> None:
    figure = slices(TRIALS, [RATE, UNITS])
    rate, units = figure.axes[:2]
    assert len(rate.collections[0].get_offsets()) == 3
    assert len(units.collections[0].get_offsets()) == 2
    assert {"learning_rate (log)", "units", "Score by parameter"} <= set(texts(figure))


@pytest.mark.parametrize(("count", "parameters"), [(1, 1), (5, 20), (1000, 4)])
def test_any_number_of_trials_and_parameters_can_be_drawn(count: int, parameters: int) -> None:
    rng = np.random.default_rng(0)
    trials = Trials(rng.random(count), ["completed"] * count, True, "score", 0)
    names = tuple(f"a choice with a long name, {i}" for i in range(9))
    searched = [
        Searched(f"choice {i}", list(rng.choice(names, count)), names) if i % 2 else
        Searched(f"number {i}", list(rng.random(count)))
        for i in range(parameters)
    ]  # fmt: skip
    drawing = parallel_coordinates(trials, searched)
    lines = [line for line in drawing.axes[0].lines if line.get_marker() == "."]
    assert len(lines) == min(count, MOST_LINES)
    for figure in (drawing, slices(trials, searched)):
        assert len(rendered(figure, "svg")) < 800_000
