"""What is drawn of a study, and when the tuning curve has a band."""

import math
from typing import Any

import numpy as np
import pytest

from glassnet.tuning import figures
from tests.tuning.built import study_of, trial_of
from tests.tuning.studies import definition_of

SPACE = {
    "kind": ["a", "b"],
    "x": {"low": 0.0, "high": 1.0},
    "y": {"low": 1, "high": 100, "log": True, "when": {"kind": ["b"]}},
}


def study(space: dict[str, Any] = SPACE, last: str = "completed", round_: int = 0, **changes: Any):  # type: ignore[no-untyped-def]
    definition = definition_of(space, **changes)
    params = [
        {name: value for name, value in row.items() if name in space}
        for row in ({"kind": "a", "x": 0.1}, {"kind": "b", "x": 0.5, "y": 10})
    ]
    return study_of(
        definition,
        [
            trial_of(definition, 0, params[0], "completed", [0.4], round_=round_),
            trial_of(definition, 1, params[1], last, [0.6] if last != "failed" else []),
        ],
    )


def test_random_trials_that_all_ran_to_their_ends_have_a_band() -> None:
    curve = figures.curve_of(study())
    assert curve is not None
    np.testing.assert_array_equal(curve.median, [0.4, 0.6])
    assert "The true curve lies in the band" in figures.history(study())


def test_a_failed_trial_counts_as_the_worst() -> None:
    curve = figures.curve_of(study(last="failed"))
    assert curve is not None
    assert curve.median[0] == -math.inf
    assert "Crosses are trials that failed" in figures.history(study(last="failed"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"method": "tpe"}, "method tpe are not independent"),
        ({"method": "grid"}, "method grid are not independent"),
        ({"prune": "halving"}, "have no final score"),
        ({"prune": "median"}, "have no final score"),
        ({"last": "running"}, "not all trials have ended"),
        ({"round_": -1}, "those of another study"),
        ({"space": {"kind": ["a", "b"]}}, "not tried twice"),
        ({"space": {"x": {"low": 0.0, "high": 1.0, "step": 0.1}}}, "not tried twice"),
    ],
)
def test_else_there_is_none_and_the_page_says_why(changes: dict[str, Any], reason: str) -> None:
    other = study(**changes)
    assert figures.curve_of(other) is None
    assert f"has no band: {figures.no_band(other)}." in figures.history(other)
    assert reason in figures.no_band(other)


def test_parameters_that_one_trial_has_are_not_drawn() -> None:
    assert [parameter.name for parameter in figures.parameters_of(study())] == ["kind", "x"]


def test_parameters_of_one_value_are_not_drawn() -> None:
    definition = definition_of({"x": {"low": 0.0, "high": 1.0}, "epochs": 10})
    params = [{"x": x, "epochs": 10} for x in (0.2, 0.7)]
    trials = [trial_of(definition, n, one, "completed", [0.4]) for n, one in enumerate(params)]
    drawn = figures.parameters_of(study_of(definition, trials))
    assert [parameter.name for parameter in drawn] == ["x"]


def test_learning_curves_need_two_epochs() -> None:
    assert figures.learning_curves(study()) == ""
    definition = definition_of()
    trials = [trial_of(definition, 0, {"x": 0.5}, "completed", [0.1, 0.2])]
    assert "up to 2 epochs" in figures.learning_curves(study_of(definition, trials))


def test_the_share_of_the_cost_in_pruned_trials() -> None:
    definition = definition_of(prune="median")
    trials = [
        trial_of(definition, 0, {"x": 0.5}, "completed", [0.1, 0.2, 0.3]),
        trial_of(definition, 1, {"x": 0.6}, "pruned", [0.1]),
    ]
    html = figures.costs(study_of(definition, trials))
    assert "40 steps in all, 25% of them in trials that were pruned." in html
