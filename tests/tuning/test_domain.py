"""Choices and ranges."""

import math
from typing import Any

import pytest
from hypothesis import given
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from glassnet import GlassnetError
from glassnet.tuning.domain import Choice, Parameter, Range
from tests.tuning.spaces import ranges


def test_grids() -> None:
    assert Choice(("relu", "tanh")).grid == ("relu", "tanh")
    assert Range(1, 3).grid == (1, 2, 3)
    assert Range(0, 100).grid == (0, 25, 50, 75, 100)
    assert Range(16, 64, step=16).grid == (16, 32, 48, 64)
    assert Range(0, 100, step=10, points=3).grid == (0, 50, 100)
    assert Range(16, 256, log=True, points=3).grid == (16, 64, 256)
    assert Range(0.0, 0.4, step=0.1).grid == (0.0, 0.1, 0.2, 0.3, 0.4)
    assert Range(1e-4, 1e-2, log=True, points=3).grid == (1e-4, 1e-3, 1e-2)
    assert Range(1e-3, 1e-2, log=True, points=3).grid == (1e-3, 0.00316228, 1e-2)


@given(ranges())
def test_a_grid_is_in_its_range_in_order_and_has_both_ends(options: dict[str, Any]) -> None:
    domain = Range(**options)
    grid: Any = domain.grid
    assert all(value in domain for value in grid)
    assert list(grid) == sorted(set(grid))
    assert (grid[0], grid[-1]) == (domain.low, domain.high)
    assert all(type(value) is type(domain.high) for value in grid)
    if domain.points:
        assert len(grid) <= domain.points


def test_what_is_in_a_domain() -> None:
    assert True in Choice((True, False))
    assert 1 not in Choice((True, False))  # though 1 == True
    assert 3 in Range(1, 5)
    assert 3.0 not in Range(1, 5)
    assert True not in Range(1, 5)
    assert 4 not in Range(1, 5, step=2)
    assert 0.30000000000000004 in Range(0.0, 0.4, step=0.1)
    assert 0.35 not in Range(0.0, 0.4, step=0.1)
    assert 0.5 not in Range(0.0, 0.4)


def test_distributions_are_optuna_s() -> None:
    assert Choice(("a", "b")).distribution() == CategoricalDistribution(("a", "b"))
    assert Range(1, 9, step=2).distribution() == IntDistribution(1, 9, step=2)
    assert Range(1, 9, log=True).distribution() == IntDistribution(1, 9, log=True)
    assert Range(0, 0.5).distribution() == FloatDistribution(0.0, 0.5)
    assert Range(0.0, 0.5, step=0.1).distribution() == FloatDistribution(0.0, 0.5, step=0.1)


def test_a_step_leads_to_numbers_as_people_type_them() -> None:
    assert Range(0.0, 0.4, step=0.1).rounded(0.30000000000000004) == 0.3
    assert Range(0.0, 0.4).rounded(0.30000000000000004) != 0.3  # not a step


def test_a_parameter_is_active_if_all_its_conditions_hold() -> None:
    parameter = Parameter("dropout", Range(0.0, 0.5), {"network": ("mlp", "cnn"), "depth": (2,)})
    assert parameter.is_active({"network": "mlp", "depth": 2})
    assert not parameter.is_active({"network": "mlp", "depth": 1})
    assert not parameter.is_active({"network": "mlp"})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((), "has no choices"),
        (("a", "b", "a"), "has the choice 'a' twice"),
        ((1, True), "has the choice true twice"),
        ((1, 1.0), r"has the choice 1\.0 twice"),
        ((math.nan,), "must be a finite number, got nan"),
        ((None,), "None is not a choice"),
        (((1, 2),), r"\(1, 2\) is not a choice"),
        ((2**53 + 1,), "must be at most 2\\^53"),
    ],
)
def test_wrong_choices(values: Any, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        Choice(values)


@pytest.mark.parametrize(
    ("options", "where", "message"),
    [
        ({"low": 2, "high": 1}, "low", r"must be below high, 1; got 2\. Swap them"),
        ({"low": 2, "high": 2}, "low", "Write the number alone"),
        ({"low": 0.0, "high": 1.0, "log": True}, "low", r"starts above 0.*Write low = 0\.001"),
        ({"low": 0, "high": 9, "log": True}, "low", r"Write low = 1, or leave out log"),
        ({"low": 0, "high": 1, "log": True}, "low", r"Write low = 0\.001 and high = 1\.0, or"),
        ({"low": "a", "high": 1}, "low", "must be a number, got 'a'"),
        ({"low": 0.0, "high": math.inf}, "high", "finite"),
        ({"low": 0, "high": 10**20}, "high", r"at most 2\^53"),
        ({"low": 0, "high": 1, "log": 1}, "log", "must be true or false, got 1"),
        ({"low": 0, "high": 9, "step": 2}, "step", r"don't reach 9\. Write high = 8"),
        ({"low": 0.0, "high": 0.35, "step": 0.1}, "step", r"Write high = 0\.3"),
        ({"low": 0, "high": 9, "step": 20}, "step", "Use a smaller one"),
        ({"low": 0, "high": 9, "step": 0}, "step", "must be above 0"),
        ({"low": 0, "high": 9, "step": 1.5}, "step", r"Or write low = 0\.0 and high = 9\.0"),
        ({"low": 1, "high": 9, "step": 2, "log": True}, "step", "has no step"),
        ({"low": 0, "high": 9, "points": 1}, "points", "at least 2, got 1"),
        ({"low": 0, "high": 9, "points": True}, "points", "at least 2, got true"),
    ],
)
def test_wrong_ranges(options: Any, where: str, message: str) -> None:
    with pytest.raises(GlassnetError, match=message) as error:
        Range(**options)
    assert error.value.where == where
