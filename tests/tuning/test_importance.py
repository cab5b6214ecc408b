"""The importances of parameters are Optuna's, or there is a reason why there are none."""

import numpy as np
import optuna
import pytest

from glassnet.tuning.importance import importances
from tests.tuning.built import study_of, trial_of
from tests.tuning.studies import definition_of

SPACE = {"x": {"low": 0.0, "high": 1.0}, "y": {"low": 0.0, "high": 1.0}}


def rows(count: int, seed: int = 0) -> list[dict[str, float]]:
    rng = np.random.default_rng(seed)
    return [{"x": float(x), "y": float(y)} for x, y in rng.random((count, 2))]


def test_the_parameter_that_decides_has_nearly_all_importance() -> None:
    definition = definition_of(SPACE, maximize=False)
    trials = [
        trial_of(definition, number, params, "completed", [(params["x"] - 0.3) ** 2])
        for number, params in enumerate(rows(100))
    ]
    result = importances(study_of(definition, trials))
    assert list(result.shares) == ["x", "y"]
    assert sum(result.shares.values()) == pytest.approx(1)
    assert result.shares["x"] > 0.9
    study = optuna.create_study()
    study.add_trials(trials)
    assert result.shares == optuna.importance.get_param_importances(study)


def test_parameters_of_one_value_have_no_share() -> None:
    definition = definition_of(SPACE | {"epochs": 10}, maximize=False)
    trials = [
        trial_of(definition, number, params | {"epochs": 10}, "completed", [params["x"]])
        for number, params in enumerate(rows(40))
    ]
    assert {*importances(study_of(definition, trials)).shares} == {"x", "y"}


def test_with_halving_all_trials_are_compared_at_the_end_of_the_first_rung() -> None:
    """The three that completed alone would be too few, and their last scores are equal."""
    definition = definition_of(SPACE, prune="halving", round_size=9)
    trials = []
    for number, params in enumerate(rows(54)):
        first = params["y"]
        if number % 9 == 0:
            trials.append(
                trial_of(definition, number, params, "completed", [first, 1.0], [first, 1.0])
            )
        else:
            trials.append(trial_of(definition, number, params, "pruned", [first]))
    result = importances(study_of(definition, trials))
    assert result.first_rung
    assert result.trials == 54
    assert result.shares["y"] > 0.8


@pytest.mark.parametrize(
    ("space", "count", "score", "reason"),
    [
        (SPACE, 19, None, "19 trials with a score are too few"),
        (SPACE, 0, None, "0 trials"),
        ({"x": SPACE["x"]}, 40, None, "fewer than two parameters vary"),
        (SPACE, 40, 0.5, "all scores are equal"),
        (SPACE, 40, float("inf"), "0 trials"),
    ],
)
def test_without_enough_to_compare_there_is_a_reason(
    space: dict[str, object], count: int, score: float | None, reason: str
) -> None:
    definition = definition_of(space)
    trials = [
        trial_of(
            definition, number, {name: params[name] for name in space}, "completed",
            [params["x"] if score is None else score],
        )
        for number, params in enumerate(rows(count))
    ]  # fmt: skip
    result = importances(study_of(definition, trials))
    assert not result.shares
    assert reason in result.reason
