"""What is tried next."""

import math
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.samplers import RandomSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState, create_trial

from glassnet import GlassnetError
from glassnet.tuning import proposals as module
from glassnet.tuning.proposals import (
    METHODS,
    SAMPLERS,
    proposals,
    require_method,
    sample_of_grid,
    study_of,
)
from glassnet.tuning.space import Space
from tests.tuning.spaces import spaces

GP = pytest.param("gp", marks=pytest.mark.skipif(not find_spec("torch"), reason="no PyTorch"))
EACH = ["random", "tpe", "cma-es", GP]
SPACE = Space.from_dict(
    {
        "x": {"low": -1.0, "high": 1.0},
        "y": {"low": 1, "high": 100, "log": True},
        "kind": ["a", "b"],
        "z": {"low": 0.0, "high": 1.0, "when": {"kind": ["b"]}},
    }
)
SPHERE = Space.from_dict({name: {"low": -3.0, "high": 5.0} for name in "abc"})
Params = dict[str, Any]


def scored(
    trials: Sequence[FrozenTrial], score: Callable[[Params], float | None]
) -> list[FrozenTrial]:
    """The trials, completed; those without a score failed."""
    return [
        create_trial(
            state=TrialState.FAIL if score(t.params) is None else TrialState.COMPLETE,
            value=score(t.params),
            params=t.params,
            distributions=t.distributions,
            user_attrs=t.user_attrs,
            system_attrs=t.system_attrs,
        )
        for t in trials
    ]


def searched(
    space: Space, method: str, seed: int, rounds: int, score: Callable[[Params], float]
) -> list[FrozenTrial]:
    """All trials of a search for the lowest score in rounds of 5."""
    trials: list[FrozenTrial] = []
    for number in range(rounds):
        new = proposals(space, method, seed, number, 5, trials, maximize=False)
        trials += scored(new, score)
    return trials


def score_of(params: Params) -> float:
    return (params["x"] - 0.3) ** 2 + math.log(params["y"]) + params.get("z", 0.5)


@pytest.mark.parametrize("method", ["grid", *EACH])
def test_the_same_input_gives_the_same_trials(method: str) -> None:
    first, again = (searched(SPACE, method, 7, 4, score_of) for _ in range(2))
    assert [t.params for t in first] == [t.params for t in again]
    assert [t.params for t in first] != [t.params for t in searched(SPACE, method, 8, 4, score_of)]
    for trial in first:
        assert ("z" in trial.params) == (trial.params["kind"] == "b")
    assert {t.user_attrs["round"] for t in first} == {0, 1, 2, 3}


@pytest.mark.parametrize("method", EACH)
def test_a_short_round_is_the_beginning_of_a_long_one(method: str) -> None:
    earlier = searched(SPACE, method, 7, 3, score_of)
    short, long = (proposals(SPACE, method, 7, 3, n, earlier, False) for n in (2, 6))
    assert [t.params for t in short] == [t.params for t in long[:2]]


@pytest.mark.parametrize("maximize", [True, False])
@pytest.mark.parametrize("sampler", [RandomSampler, TPESampler])
def test_each_round_is_what_optuna_proposes_with_its_seed(sampler: Any, maximize: bool) -> None:
    method = {RandomSampler: "random", TPESampler: "tpe"}[sampler]
    earlier: list[FrozenTrial] = []
    for number in range(5):
        ours = proposals(SPACE, method, 3, number, 5, earlier, maximize)
        seed = module._seed_of(3, number)
        study = optuna.create_study(
            direction="maximize" if maximize else "minimize", sampler=sampler(seed=seed)
        )
        study.add_trials(earlier)
        expected = []
        for _ in range(5):
            trial = study.ask()
            trial.suggest_float("x", -1.0, 1.0)
            trial.suggest_int("y", 1, 100, log=True)
            if trial.suggest_categorical("kind", ("a", "b")) == "b":
                trial.suggest_float("z", 0.0, 1.0)
            expected.append(trial.params)
        assert [t.params for t in ours] == expected
        earlier += scored(ours, score_of)


def test_seeds_of_rounds_differ() -> None:
    assert len({module._seed_of(seed, n) for seed in range(30) for n in range(30)}) == 900


@given(spaces(), st.sampled_from(["random", "tpe", "cma-es", "grid"]), st.integers(0, 5))
def test_no_trial_is_repeated_and_each_lies_in_the_space(
    table: dict[str, Any], method: str, seed: int
) -> None:
    space = Space.from_dict(table)
    trials: list[FrozenTrial] = []
    for number in range(2):
        new = proposals(space, method, seed, number, 3, trials, maximize=True)
        trials += scored(new, lambda params: float(len(str(params))))
    assert len({str(sorted(t.params.items())) for t in trials}) == len(trials)
    domains = {parameter.name: parameter for parameter in space.parameters}
    for trial in trials:
        active = {p.name for p in space.parameters if p.is_active(trial.params)}
        assert active == {*trial.params}
        assert all(value in domains[name].domain for name, value in trial.params.items())


@pytest.mark.parametrize("method", ["grid", *EACH])
def test_a_search_of_a_small_space_ends_once_all_of_it_was_tried(method: str) -> None:
    space = Space.from_dict({"a": [1, 2, 3], "b": {"choices": ["x", "y"], "when": {"a": [3]}}})
    trials = searched(space, method, 0, 3, lambda params: params["a"])
    assert sorted(map(str, (t.params for t in trials))) == sorted(map(str, space.grid()))
    assert proposals(space, method, 0, 3, 5, trials, maximize=False) == []


def test_a_sample_of_the_grid_is_random_and_depends_on_the_seed() -> None:
    grid = [{"x": i} for i in range(20)]
    first = sample_of_grid(grid, 0)
    assert sorted(p["x"] for p in first) == list(range(20))
    assert first == sample_of_grid(grid, 0)
    assert first not in (grid, sample_of_grid(grid, 1))


@pytest.mark.parametrize("method", ["tpe", "cma-es", GP])
def test_methods_that_learn_find_better_points_than_random_search(method: str) -> None:
    """It also shows that what a sampler stores in its trials reaches the next round."""

    def sphere(params: Params) -> float:
        return sum((value - 1) ** 2 for value in params.values())

    rounds = 12

    def mean_best(method: str) -> float:
        return sum(
            min(float(t.value or 0) for t in searched(SPHERE, method, seed, rounds, sphere))
            for seed in range(3)
        )

    assert mean_best(method) < 0.6 * mean_best("random")


def test_failed_trials_are_not_repeated_and_do_not_harm() -> None:
    space = Space.from_dict({"a": {"low": 1, "high": 30}})
    trials = scored(proposals(space, "tpe", 0, 0, 15, [], maximize=True), lambda params: None)
    new = proposals(space, "tpe", 0, 1, 30, trials, maximize=True)
    assert not {t.params["a"] for t in new} & {t.params["a"] for t in trials}
    assert study_of(trials, maximize=True).trials[0].state == TrialState.FAIL


def test_methods_have_names() -> None:
    assert ("grid", *SAMPLERS) == METHODS
    with pytest.raises(GlassnetError, match=r"--method.*Did you mean 'random'"):
        require_method("randon")
    for method in ("grid", "random", "tpe", "cma-es"):
        require_method(method)
    if not find_spec("torch"):
        with pytest.raises(GlassnetError, match=r"needs torch, which is not installed.*pip"):
            require_method("gp")


def test_the_trials_of_a_study_are_not_copied() -> None:
    trials = scored(proposals(SPACE, "random", 0, 0, 3, [], True), lambda params: 1.0)
    study = study_of(trials, True)
    for ours, theirs in zip(study.trials, trials, strict=True):
        assert ours.params is theirs.params
        assert (ours.number, ours.value, ours.state) == (ours.number, 1.0, TrialState.COMPLETE)
    assert [trial.number for trial in study.trials] == [0, 1, 2]
    assert [trial.number for trial in trials] == [-1, -1, -1]  # as they were
