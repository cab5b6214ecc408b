"""Keras's optimizers as `optimizer_to_keras` makes them: ours, step by step, on given gradients."""

from typing import Any

import keras
import numpy as np
import pytest

from glassnet import GlassnetError, optimizers
from glassnet.core import registry
from glassnet.core.trees import items
from glassnet.interop.keras.backend import precision
from glassnet.interop.keras.building.compile import load_optimizer, optimizer_to_keras
from glassnet.interop.keras.building.model import to_numpy
from glassnet.optimizers import SGD, Muon, Nadam, Optimizer, ScheduleFreeAdamW
from tests.engines.given import (
    GRADIENTS,
    KERAS,
    START,
    STEPS,
    advance,
    begun,
    ids,
    optimizer_of,
)
from tests.interop.keras.on_backend import BACKEND
from tests.reference import reference

RUNS = [optimizer_of(run) for run in KERAS["runs"] if "constraint" not in run["options"]]
SCHEDULES = [
    getattr(optimizers, case["class"])(**case["options"]) for case in reference("schedules")
]
HALF = STEPS // 2 + 1  # in the middle of an accumulation


def limit(optimizer: Optimizer, dtype: str) -> float:
    """Of the differences. In float64, Keras has constants of its own in float32 here and there."""
    constants = {"tensorflow": Nadam, "torch": Muon}.get(BACKEND)
    if dtype == "float64":
        return 1e-7 if constants and isinstance(optimizer, constants) else 1e-12
    return 2e-5


def test_one_rate_for_each_layer_is_refused() -> None:
    with pytest.raises(GlassnetError, match=r"SGD: layer_decay.*one learning rate.*numpy"):
        optimizer_to_keras(SGD(layer_decay=0.8))


def both(optimizer: Optimizer, dtype: str) -> None:
    """Half of the steps by us, then the other half by both from there."""
    ours = begun("numpy", optimizer, dtype=dtype)
    advance(ours, optimizer, HALF)
    with precision(dtype):
        theirs = optimizer_to_keras(optimizer)
        state = ours.state()  # a copy: JAX takes an array as it lies, and we write ours in place
        weights = {path: variable(path, leaf) for path, leaf in items(state.params)}
        theirs.build(list(weights.values()))
        load_optimizer(theirs, optimizer, weights, state)
        for step in range(HALF, STEPS):
            advance(ours, optimizer)
            gradients = [GRADIENTS[path][step].astype(dtype) for path in weights]
            theirs.apply([*map(keras.ops.convert_to_tensor, gradients)], [*weights.values()])
            for path, leaf in items(ours.params):
                found, most = to_numpy(weights[path]), limit(optimizer, dtype)
                np.testing.assert_allclose(found, leaf, most, most, err_msg=path)


def variable(path: str, value: np.ndarray) -> Any:
    """Keras's variable of this path."""
    place, _, name = path.rpartition("/")
    with keras.name_scope(place):
        made = keras.Variable(value, name=name, dtype=value.dtype.name)
    assert made.path == path
    return made


@pytest.mark.parametrize("optimizer", RUNS, ids=ids)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_same_steps_from_the_middle_on(optimizer: Optimizer, dtype: str) -> None:
    if isinstance(optimizer, ScheduleFreeAdamW) and BACKEND != "jax":
        with pytest.raises(GlassnetError, match="ScheduleFreeAdamW: would take other steps"):
            both(optimizer, dtype)
        return
    both(optimizer, dtype)


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: type(schedule).__name__)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_same_rates(schedule: Any, dtype: str) -> None:
    with precision(dtype):
        theirs = optimizer_to_keras(SGD(schedule))
        theirs.build([variable("a/kernel", np.zeros(1, dtype))])
        for step in range(STEPS):
            theirs._iterations.assign(step)
            close = pytest.approx(
                schedule(step), rel=1e-12 if dtype == "float64" else 1e-4, abs=1e-7
            )
            assert float(to_numpy(theirs.learning_rate)) == close


def test_no_optimizer_or_schedule_is_forgotten() -> None:
    assert {type(one) for one in RUNS} == set(registry.classes("optimizer").values())
    assert {type(one) for one in SCHEDULES} == set(registry.classes("schedule").values())


def test_texts_are_texts_and_no_patterns() -> None:
    odd = Muon(exclude_layers=("a.b", "h*"), exclude_from_weight_decay=("k.rnel", "b|k"))
    both(odd, "float32")
    assert {type(odd.rule_for(path, start.shape)) for path, start in START.items()} >= {Muon}
