"""Schedules against values from Keras, and from PyTorch for OneCycle."""

import json
import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import optimizers
from glassnet.core.errors import GlassnetError
from glassnet.core.registry import build, classes, describe
from glassnet.optimizers import (
    CosineDecay,
    CosineDecayRestarts,
    ExponentialDecay,
    InverseTimeDecay,
    OneCycle,
    PiecewiseConstantDecay,
    PolynomialDecay,
    Schedule,
)
from tests.reference import reference

CASES = reference("schedules")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['class']}{case['options']}")
def test_like_keras_or_pytorch(case: dict[str, Any]) -> None:
    schedule: Schedule = getattr(optimizers, case["class"])(**case["options"])
    rates = [schedule(step) for step in range(len(case["rates"]))]
    assert rates == pytest.approx(case["rates"], rel=1e-12, abs=1e-15)
    assert build("schedule", json.loads(json.dumps(describe(schedule)))) == schedule


def test_none_is_forgotten() -> None:
    assert {case["class"] for case in CASES} == set(classes("schedule"))


def test_it_falls_to_alpha_and_stays() -> None:
    schedule = CosineDecay(2.0, 100, alpha=0.25)
    assert all(before > after for before, after in pairwise(map(schedule, range(101))))
    assert schedule(0) == 2.0
    assert schedule(100) == schedule(10**9) == 0.5


def test_stairs_are_flat() -> None:
    falling = ExponentialDecay(0.8, 10, 0.5, staircase=True)
    assert [falling(step) for step in (0, 9, 10, 19, 20)] == [0.8, 0.8, 0.4, 0.4, 0.2]
    inverse = InverseTimeDecay(0.8, 10, 1.0, staircase=True)
    assert [inverse(step) for step in (0, 9, 10, 30)] == [0.8, 0.8, 0.4, 0.2]


def test_a_boundary_belongs_to_the_value_before_it() -> None:
    schedule = PiecewiseConstantDecay([2, 5], [3.0, 2.0, 1.0])  # type: ignore[arg-type]
    assert [schedule(step) for step in range(7)] == [3, 3, 3, 2, 2, 2, 1]
    assert PiecewiseConstantDecay((), (0.5,))(7) == 0.5


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_a_polynomial_ends_where_it_should(power: float) -> None:
    schedule = PolynomialDecay(1.0, 10, 0.1, power)
    assert schedule(0) == 1
    assert schedule(10) == schedule(11) == schedule(10**9) == pytest.approx(0.1)
    cyclic = PolynomialDecay(1.0, 10, 0.1, power, cycle=True)
    assert cyclic(10) == cyclic(20) == pytest.approx(0.1)
    assert cyclic(11) > 0.1


@given(st.integers(1, 30), st.sampled_from([1.0, 1.5, 2.0, 3.0]), st.integers(0, 5))
def test_every_restart_is_at_the_top(first: int, longer: float, restarts: int) -> None:
    schedule = CosineDecayRestarts(1.0, first, longer, 0.5)
    step = sum(first * longer**i for i in range(restarts))
    if step == int(step):
        assert schedule(int(step)) == pytest.approx(0.5**restarts)
        assert schedule(int(step) + 1) < 0.5**restarts


@given(
    st.integers(3, 300), st.floats(0, 1), st.sampled_from(["cos", "linear"]), st.booleans(),
)  # fmt: skip
def test_one_cycle_stays_between_its_ends(
    steps: int, share: float, strategy: str, three: bool
) -> None:
    schedule = OneCycle(1.0, steps, share / (1 + three), strategy, 10.0, 100.0, three)
    rates = [schedule(step) for step in range(steps + 5)]
    assert min(rates) == rates[-1] == pytest.approx(0.001)
    assert 0.001 - 1e-12 <= min(rates) <= max(rates) <= 1 + 1e-12


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: CosineDecay(0.1, 0),
            "CosineDecay: decay_steps: must be a whole number ≥ 1, got 0",
        ),
        (lambda: ExponentialDecay(0.1, 0, 0.5), "ExponentialDecay: decay_steps: must be a whole"),
        (lambda: ExponentialDecay(0.1, 5, 0.0), "decay_rate must be a number > 0"),
        (lambda: InverseTimeDecay(-0.1, 5, 0.5), "initial_learning_rate must be a number > 0"),
        (lambda: PolynomialDecay(0.1, 5, power=0.0), "power must be a number > 0"),
        (lambda: PolynomialDecay(0.1, 5, -1.0), "end_learning_rate must be a number ≥ 0"),
        (lambda: PiecewiseConstantDecay((1, 2), (0.1, 0.2)), "2 boundaries need 3 values, got 2"),
        (lambda: PiecewiseConstantDecay((2, 1), (0.1, 0.2, 0.3)), "boundaries must increase"),
        (lambda: PiecewiseConstantDecay((2,), (0.1, -0.2)), "values must be numbers ≥ 0"),
        (lambda: PiecewiseConstantDecay((2.5,), (0.1, 0.2)), "boundaries: must be a whole number"),
        (lambda: CosineDecayRestarts(0.1, 5, 0.5), "t_mul must be a number ≥ 1, got 0.5"),
        (lambda: CosineDecayRestarts(0.1, 5, alpha=2.0), r"alpha must be in \[0, 1\]"),
        (lambda: OneCycle(0.1, 0), "OneCycle: total_steps: must be a whole number ≥ 1"),
        (lambda: OneCycle(0.1, 9, 1.5), r"pct_start must be in \[0, 1\], got 1.5"),
        (lambda: OneCycle(0.1, 9, 0.6, three_phase=True), r"pct_start must be in \[0, 0.5\]"),
        (lambda: OneCycle(0.1, 9, anneal_strategy="cosine"), "Did you mean 'cos'"),
        (lambda: OneCycle(0.1, 9, div_factor=0.0), "div_factor must be a number > 0"),
    ],
)
def test_refusals(make: Any, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        make()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"initial_learning_rate": -1.0}, "initial_learning_rate must be a number > 0"),
        ({"initial_learning_rate": float("nan")}, "initial_learning_rate must be"),
        ({"alpha": 7.0}, r"alpha must be in \[0, 1\], got 7.0"),
        ({"decay_steps": 1.5}, "decay_steps: must be a whole number"),
        ({"decay_steps": "10"}, "decay_steps: must be a whole number"),
        ({"warmup_target": -1.0}, "warmup_target must be a number > 0"),
        ({"warmup_steps": -1}, "warmup_steps: must be a whole number ≥ 0"),
        ({"initial_learning_rate": -1.0, "warmup_target": 0.1}, "must be a number ≥ 0"),
    ],
)
def test_a_cosine_that_means_nothing(options: dict[str, Any], message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        CosineDecay(**{"initial_learning_rate": 0.1, "decay_steps": 10} | options)
    assert CosineDecay(0.0, 10, warmup_target=0.1, warmup_steps=5)(5) == 0.1


def test_a_rate_that_grows_beyond_all_numbers_is_infinite() -> None:
    assert ExponentialDecay(0.1, 1, 2.0)(5000) == math.inf
