"""Spaces: what they suggest, their grids, and the options of a trial."""

from collections import Counter
from typing import Any

import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.distributions import CategoricalDistribution

from glassnet import GlassnetError
from glassnet.tuning.space import Choice, Parameter, Range, Space
from tests.tuning.spaces import spaces

TABLE = {
    "network": ["mlp", "cnn"],
    "epochs": 10,
    "learning-rate": {"low": 1e-4, "high": 1e-2, "log": True},
    "hidden": {"low": 32, "high": 64, "points": 2, "layers": [1, 2], "when": {"network": "mlp"}},
    "filters": {"choices": [[8], [8, 16]], "when": {"network": ["cnn"]}},
    "augment": ["default", "flip"],
}


def assert_respected(space: Space, params: dict[str, Any]) -> None:
    """A trial has exactly the parameters whose conditions hold, with values they can have."""
    active = {p.name for p in space.parameters if p.is_active(params)}
    assert set(params) == active
    for parameter in space.parameters:
        if parameter.name in params:
            assert params[parameter.name] in parameter.domain


@given(spaces())
def test_a_space_is_equal_to_that_of_its_dict(table: dict[str, Any]) -> None:
    space = Space.from_dict(table)
    assert Space.from_dict(space.to_dict()) == space
    assert list(space.to_dict()) == list(table)


@given(spaces(), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_what_is_suggested_respects_domains_and_conditions(
    table: dict[str, Any], seed: int
) -> None:
    space = Space.from_dict(table)
    sampler = optuna.samplers.RandomSampler(seed)
    study = optuna.create_study(sampler=sampler)
    for _ in range(3):
        trial = study.ask()
        params = space.suggest(trial)
        assert params == trial.params
        assert_respected(space, params)
        distributions = space.distributions()
        assert trial.distributions == {name: distributions[name] for name in params}
        assert space.suggest(optuna.trial.FixedTrial(params)) == params


@given(spaces())
@settings(max_examples=60, deadline=None)
def test_a_grid_has_each_combination_once_and_respects_conditions(table: dict[str, Any]) -> None:
    space = Space.from_dict(table)
    combinations = space.grid()
    counts = Counter(tuple(params.items()) for params in combinations)
    assert max(counts.values()) == 1
    for params in combinations[:50]:
        assert_respected(space, dict(params))
    for parameter in space.parameters:  # all of its values occur
        values = {params[parameter.name] for params in combinations if parameter.name in params}
        assert values == set(parameter.domain.grid)


def test_the_parameters_of_a_table() -> None:
    space = Space.from_dict(TABLE)
    assert space.parameters == (
        Parameter("network", Choice(("mlp", "cnn"))),
        Parameter("epochs", Choice((10,))),
        Parameter("learning_rate", Range(1e-4, 1e-2, log=True)),
        Parameter("hidden.layers", Range(1, 2, step=1), {"network": ("mlp",)}),
        Parameter("hidden.1", Range(32, 64, points=2), {"hidden.layers": (1, 2)}),
        Parameter("hidden.2", Range(32, 64, points=2), {"hidden.layers": (2,)}),
        Parameter("filters", Choice(("8", "8,16")), {"network": ("cnn",)}),
        Parameter("augment", Choice(("default", "flip"))),
    )
    assert space.distributions()["epochs"] == CategoricalDistribution((10,))


def test_the_grid_of_a_table() -> None:
    grid = Space.from_dict(TABLE).grid()
    assert len(grid) == 5 * 2 * ((2 + 2 * 2) + 2)  # rates, augment, (hidden + filters)
    assert grid[0] == {
        "network": "mlp", "epochs": 10, "learning_rate": 1e-4,
        "hidden.layers": 1, "hidden.1": 32, "augment": "default",
    }  # fmt: skip
    assert grid[1] == grid[0] | {"augment": "flip"}  # the last one varies fastest


def test_a_grid_that_is_too_large_is_refused() -> None:
    table = {f"x{n}": {"low": 0, "high": 9, "step": 1} for n in range(6)}
    with pytest.raises(GlassnetError, match=r"more than 100,000 combinations\. Give ranges fewer"):
        Space.from_dict(table).grid()


def test_options() -> None:
    space = Space.from_dict(TABLE)
    mlp = {"network": "mlp", "epochs": 10, "learning_rate": 0.01, "augment": "default"}
    layers = {"hidden.layers": 2, "hidden.1": 64, "hidden.2": 32}
    assert space.options(mlp | layers) == {
        "network": "mlp", "epochs": 10, "learning_rate": 0.01, "hidden": (64, 32),
    }  # fmt: skip
    cnn = {"network": "cnn", "epochs": 10, "learning_rate": 0.01, "filters": "8,16"}
    assert space.options(cnn | {"augment": "flip"}) == {
        "network": "cnn", "epochs": 10, "learning_rate": 0.01, "filters": (8, 16),
        "augment": "flip",
    }  # fmt: skip


def test_options_of_functions_are_what_they_are() -> None:
    table = {"hidden": ["small", "large"], "x": {"low": 0.0, "high": 0.5, "step": 0.1}, "n": [3]}
    space = Space.from_dict(table)
    params = {"hidden": "small", "x": 0.30000000000000004, "n": 3}
    assert space.options(params) == {"hidden": "small", "x": 0.3, "n": 3}
    assert space.options({"hidden": "", "x": 0.1, "n": 3})["hidden"] == ()


def test_a_space_may_be_built_from_its_parts() -> None:
    depth = Parameter("depth", Range(1, 3))
    dropout = Parameter("dropout", Range(0.0, 0.5), {"depth": (2, 3)})
    assert len(Space((depth, dropout)).grid()) == 1 + 2 * 5
    with pytest.raises(GlassnetError, match="'depth' is not a parameter above this one"):
        Space((dropout, depth))
    with pytest.raises(GlassnetError, match="space: depth: is there twice"):
        Space((depth, depth))


def test_fixed_options_are_not_searched() -> None:
    space = Space.from_dict(TABLE)
    names = {p.name for p in space.fixing({"epochs": 3, "network": "cnn"}).parameters}
    assert names == {"learning_rate", "filters", "augment"}
    mlp = space.fixing({"network": "mlp"})
    assert [p.name for p in mlp.parameters][2:5] == ["hidden.layers", "hidden.1", "hidden.2"]
    assert mlp.parameters[2].when == {}  # always there
    names = {p.name for p in space.fixing({"hidden": (8,)}).parameters}
    assert not any(name.startswith("hidden") for name in names)
    assert Space.from_dict(TABLE | {"dropout": 0.1}).fixing({}) != space


def test_what_depends_on_a_parameter_that_is_left_out_is_left_out() -> None:
    table = {
        "network": ["mlp", "cnn"],
        "depth": {"choices": [1, 2], "when": {"network": "cnn"}},
        "dropout": {"low": 0.0, "high": 0.5, "when": {"depth": 2}},
    }
    assert Space.from_dict(table).fixing({"network": "mlp"}).parameters == ()
