"""Training with prescribed gradients, the same for Keras and for the engines."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet import optimizers
from glassnet.core.registry import build
from glassnet.core.trees import Tree, from_items, items
from glassnet.engines import Engine, engine
from glassnet.engines.state import initial_state
from glassnet.layers import CallContext, Dense, Layer, Sequential, Weight
from glassnet.layers.constraints import Constraint
from glassnet.layers.initializers import Zeros
from glassnet.optimizers import Optimizer
from tests.reference import reference

KERAS = reference("optimizers")
START = {path: np.array(start) for path, start in KERAS["start"].items()}
GRADIENTS = {path: np.array(given) for path, given in KERAS["gradients"].items()}
STEPS = len(GRADIENTS["hidden/kernel"])
ROWS = np.concatenate([given.reshape(STEPS, -1) for given in GRADIENTS.values()], axis=1)
Y = np.zeros((STEPS, 1))
NETWORK = Sequential(tuple(Dense(1, name=name) for name in ("hidden", "embedding", "last")))


class Given:
    """An objective whose "examples" are the gradients of all its weights, concatenated."""

    def __init__(self, constraint: Constraint | None = None) -> None:
        self.compiled: dict[Any, Any] = {}
        self.network, self.trained = NETWORK, tuple(START)
        self.weights: Tree = from_items(
            {
                path: Weight(
                    start.shape, Zeros(), constraint=constraint if "kernel" in path else None
                )
                for path, start in START.items()
            }
        )

    def largest_product(self, shape: Any) -> int:
        return 0

    def value_and_gradients(self, params: Tree, x: Any, y: Any, context: CallContext) -> Any:
        cuts, found = np.cumsum([0, *(start.size for start in START.values())]), {}
        for (path, start), begin, end in zip(START.items(), cuts, cuts[1:], strict=False):
            found[path] = x.mean(axis=0)[int(begin) : int(end)].reshape(start.shape)
        return x[:, -1].sum() * 0, {}, from_items(found)


def options(run: Mapping[str, Any]) -> dict[str, Any]:
    """The optimizer's options of a run, except for the constraint."""
    found = {key: value for key, value in run["options"].items() if key != "constraint"}
    if isinstance(found.get("learning_rate"), dict):
        found["learning_rate"] = build("schedule", found["learning_rate"])
    return found


def optimizer_of(run: Mapping[str, Any]) -> Optimizer:
    """Our optimizer of a run."""
    made: Optimizer = getattr(optimizers, run["class"])(**options(run))
    return made


def constraint_of(run: Mapping[str, Any]) -> Constraint | None:
    """Our constraint of a run, on all kernels."""
    described = run["options"].get("constraint")
    made: Constraint | None = described and build("constraint", described)
    return made


def begun(
    name: str, optimizer: Optimizer, constraint: Constraint | None = None, dtype: str = "float64"
) -> Engine:
    """The engine of this name, before the first step."""
    objective = Given(constraint)
    start = from_items({path: start.astype(dtype) for path, start in START.items()})
    return engine(name, objective, optimizer, initial_state(objective, optimizer, start), 0)


def advance(running: Engine, optimizer: Optimizer, steps: int = 1) -> None:
    """Run the steps, each with its own gradients."""
    for step in range(running.step, running.step + steps):
        running.run(ROWS, Y, [np.array([step % STEPS])], [optimizer.rate(step)])


EACH_RULE = list({run["class"]: run for run in KERAS["runs"]}.values())
BOUNDED = [run for run in KERAS["runs"] if {"clipvalue", "constraint"} & set(run["options"])]
WITH_INFINITY = EACH_RULE + BOUNDED


def stops_at_infinity(name: str, run: Mapping[str, Any]) -> None:
    """The step with an infinite gradient is not done, and no step after it."""
    optimizer, constraint = optimizer_of(run), constraint_of(run)
    running, reference = (begun(name, optimizer, constraint) for _ in range(2))
    for place in (0, 1):
        rows = ROWS.copy()
        rows[5, place] = np.inf
        batches = [np.array([step]) for step in range(STEPS)]
        running.load(initial_state(Given(constraint), optimizer, reference.params))
        measured = running.run(rows, Y, batches, [optimizer.rate(step) for step in range(STEPS)])
        assert not measured.finite
        assert running.step == 5
        assert len(measured.losses) == 6
    advance(reference, optimizer, 5)
    for (path, one), (_, two) in zip(items(reference.params), items(running.params), strict=True):
        np.testing.assert_allclose(two, one, rtol=1e-11, atol=1e-12, err_msg=path)


def ids(value: Any) -> str | None:
    """The test id of a run or an optimizer."""
    if isinstance(value, Mapping) and "class" in value:
        return f"{value['class']}{value['options']}"
    return repr(value)[:40] if isinstance(value, Optimizer | Layer) else None
