"""One training step of a model, recorded: forward, loss, backward, update."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.arrays import map_arrays
from glassnet.core.trees import Tree, from_items, items
from glassnet.engines.layer_decay import rate_factors
from glassnet.engines.state import State, constraints
from glassnet.engines.update import apply_rules, average_and_constrain
from glassnet.layers import CallContext
from glassnet.optimizers import Optimizer
from glassnet.tracing.array import TracedArray
from glassnet.tracing.program import Program
from glassnet.tracing.recorder import Recorder
from glassnet.tracing.tagging import LayerCall, tagged
from glassnet.training.step import Objective

RATE = "learning rate"


@dataclass(frozen=True, eq=False)
class Step:
    """A recorded step: the program, the calls of layers, and where the results are in the program.

    `gradients`, `weights` (new ones) and `slots` (new ones, by name) are indices by path.
    """

    program: Program
    calls: tuple[LayerCall, ...]
    loss: int
    outputs: Any
    gradients: Mapping[str, int]
    weights: Mapping[str, int]
    slots: Mapping[str, Mapping[str, int]]


def record_step(
    objective: Objective,
    optimizer: Optimizer,
    state: State,
    x: Any,
    y: Any,
    *,
    training: bool,
    seed: int,
    names: tuple[str, ...] = (),
) -> Step:
    """Record the step that follows `state` on this batch.

    The gradients are the objective's: `process_gradients` and the rules of the optimizer follow, if
    the rule is applied in this step (not if it only sums gradients).
    """
    recorder = Recorder()
    with recorder.recording():
        inputs = _inputs(recorder, "x", x, names)
        targets = _inputs(recorder, "y", y)
        params = from_items({path: _input(recorder, path, w) for path, w in items(state.params)})
        own, calls = tagged(objective, recorder)
        updates: dict[str, Any] = {}
        context = CallContext(training, seed, state.step, updates=updates)
        with recorder.tagged("", "loss"):
            loss, _, grads = own.value_and_gradients(params, inputs, targets, context)
        loss = _traced(loss)
        recorder.marks["loss"] = loss.index
        gradients = _by_path("gradient of", grads, recorder)
        with recorder.tagged("", "update"):
            weights, slots = _updated(recorder, objective, optimizer, state, params, gradients)
        weights |= {path: _traced(value) for path, value in updates.items()} if training else {}
        _mark_all(recorder, "new", weights)
        for name, slot in slots.items():
            _mark_all(recorder, f"new {name} of", slot)
        outputs = map_arrays(lambda a: _traced(a).index, calls[0].output)
    return Step(
        recorder.program(), tuple(calls), loss.index, outputs, _indices(gradients),
        _indices(weights), {name: _indices(slot) for name, slot in slots.items()},
    )  # fmt: skip


def _updated(
    recorder: Recorder,
    objective: Objective,
    optimizer: Optimizer,
    state: State,
    params: Tree,
    gradients: dict[str, TracedArray],
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return the trained weights and the slots after the optimizer's step; {} if it has none now."""
    step = state.step - state.began
    weights = {path: params_of for path, params_of in items(params) if path in objective.trained}
    gradients = {path: gradients[path] for path in weights if path in gradients}
    if len(gradients) < len(weights):
        return {}, {}
    slots = {
        name: {p: _input(recorder, f"{name} of {p}", a) for p, a in items(tree) if p in weights}
        for name, tree in state.slots.items()
    }
    if sums := slots.pop("gradient_accumulator", {}):
        gradients = {path: sums[path] + gradient for path, gradient in gradients.items()}
        if not optimizer.updates_at(step):
            return {}, {"gradient_accumulator": gradients}
    number = optimizer.update_number(step)
    rate = _input(recorder, RATE, np.float64(optimizer.rate(state.step)))
    factors = rate_factors(objective.network, objective.weights, optimizer.layer_decay)
    weights, slots = apply_rules(optimizer, factors, weights, slots, gradients, rate, number)
    limits = constraints(objective)
    return average_and_constrain(optimizer, limits, weights, slots, number)


def _input(recorder: Recorder, name: str, value: Any) -> TracedArray:
    return TracedArray(recorder.input(name, np.asarray(value)))


def _inputs(recorder: Recorder, name: str, data: Any, names: tuple[str, ...] = ()) -> Any:
    """Return the arrays of a batch as inputs: "x", or "x.0", ... or "x." and the inputs' names."""
    if not isinstance(data, tuple):
        return _input(recorder, name, data)
    names = names or tuple(map(str, range(len(data))))
    return tuple(
        None if part is None else _inputs(recorder, f"{name}.{one}", part)
        for one, part in zip(names, data, strict=True)
    )


def _traced(value: Any) -> TracedArray:
    from glassnet.tracing.functions import asarray

    array: TracedArray = asarray(value)
    return array


def _by_path(name: str, tree: Tree, recorder: Recorder) -> dict[str, TracedArray]:
    """Return the arrays of a tree by path, without those that were not computed, and mark them."""
    leaves = {path: _traced(leaf) for path, leaf in items(tree) if leaf is not None}
    _mark_all(recorder, name, leaves)
    return leaves


def _mark_all(recorder: Recorder, name: str, arrays: Mapping[str, Any]) -> None:
    for path, array in arrays.items():
        recorder.marks[f"{name} {path}"] = array.index


def _indices(arrays: Mapping[str, Any]) -> dict[str, int]:
    return {path: array.index for path, array in arrays.items()}
