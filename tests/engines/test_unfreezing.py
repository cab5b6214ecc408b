"""An engine that trains more weights from a moment on."""

from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from glassnet.core.trees import items
from glassnet.engines import engine
from glassnet.engines.unfreezing import UnfreezingEngine
from glassnet.layers import Dense
from glassnet.model.model import Model
from glassnet.optimizers import SGD, Adam

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(12, 3)).astype("float32"), RNG.normal(size=(12, 1)).astype("float32")
ENGINES = ["numpy"] + (["jax"] if find_spec("jax") else [])
BATCHES = [np.arange(6), np.arange(6, 12)]


def model(optimizer: Any) -> Model:
    made = Model([Dense(4, "tanh", name="body"), Dense(1, name="head")], (3,), seed=1)
    made.layers[0].trainable = False
    made.compile(optimizer, "mse")
    return made


def unfreezing(made: Model, name: str) -> UnfreezingEngine:
    first, whole = made.objective(), made.objective(None, frozenset())
    state = made.state_with(made.params, first)
    make = partial(engine, name, optimizer=made.compiled.optimizer, seed=0)
    return UnfreezingEngine(make, first, whole, made.compiled.optimizer, state)


def weights(of: Any) -> dict[str, bytes]:
    return {path: np.asarray(leaf).tobytes() for path, leaf in items(of.params)}


@pytest.mark.parametrize("name", ENGINES)
def test_the_body_rests_and_then_moves(name: str) -> None:
    running = unfreezing(model(Adam(0.1)), name)
    start = weights(running)
    running.run(X, Y, BATCHES, [0.1, 0.1])
    frozen = weights(running)
    assert frozen["body/kernel"] == start["body/kernel"]
    assert frozen["head/kernel"] != start["head/kernel"]
    running.unfreeze()
    running.unfreeze()  # changes nothing
    assert weights(running) == frozen
    running.run(X, Y, BATCHES[:1], [0.1])
    assert weights(running)["body/kernel"] != start["body/kernel"]
    assert running.step == 3


def test_the_optimizer_begins_again_for_all_weights() -> None:
    """The first step of Adam moves each weight by the learning rate, whatever came before."""
    running = unfreezing(model(Adam(0.1, epsilon=1e-12)), "numpy")
    running.run(X, Y, BATCHES * 5, [0.1] * 10)
    before = {path: leaf.copy() for path, leaf in items(running.params)}
    running.unfreeze()
    running.run(X, Y, BATCHES[:1], [0.1])
    for path, leaf in items(running.params):
        np.testing.assert_allclose(np.abs(leaf - before[path]), 0.1, rtol=1e-4)


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize(
    "optimizer", [Adam(0.1, use_ema=True), SGD(0.1, gradient_accumulation_steps=2)]
)
def test_a_state_of_before_or_after_continues_exactly(name: str, optimizer: Any) -> None:
    made = model(optimizer)
    running = unfreezing(made, name)
    states = [running.state()]
    for step in range(4):
        if step == 2:
            running.unfreeze()
        running.run(X, Y, BATCHES[step % 2 :][:1], [0.1])
        states.append(running.state())
    shapes = [[(p, a.shape) for t in s.slots.values() for p, a in items(t)] for s in states]
    assert shapes.count(shapes[0]) == 5  # checkpoints of both phases are alike
    assert [state.began for state in states] == [0, 0, 0, 2, 2]
    for start in (1, 3):
        other = unfreezing(made, name)
        other.load(replace(states[start]))
        for step in range(start, 4):
            if step == 2:
                other.unfreeze()
            other.run(X, Y, BATCHES[step % 2 :][:1], [0.1])
        assert weights(other) == weights(running)
