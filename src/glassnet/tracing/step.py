"""One training step of a model, recorded: forward, loss, backward, update."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.core.arrays import as_tuple
from glassnet.core.trees import Tree, from_items, items
from glassnet.engines.layer_decay import rate_factors
from glassnet.engines.state import State, constraints
from glassnet.engines.update import apply_rules, average_and_constrain
from glassnet.layers import CallContext, Layer
from glassnet.ops.activations import ACTIVATIONS
from glassnet.optimizers import Optimizer
from glassnet.tracing.array import TracedArray
from glassnet.tracing.functions import asarray
from glassnet.tracing.program import Operation, Program
from glassnet.tracing.recorder import Recorder
from glassnet.tracing.tagging import LayerCall, tagged
from glassnet.training.output_activation import last_path
from glassnet.training.step import Objective

RATE = "learning rate"


@dataclass(frozen=True, eq=False)
class Step:
    """A recorded step, and the calls of layers in it; the first is that of the whole network.

    `fused` are the activations that the loss computes, by the path of their layer.
    """

    program: Program
    calls: tuple[LayerCall, ...]
    fused: Mapping[str, str]


def record_step(
    network: Layer,
    objective: Objective,
    optimizer: Optimizer,
    state: State,
    x: Any,
    y: Any,
    *,
    training: bool,
    seed: int,
    rate: float,
    names: tuple[str, ...] = (),
) -> Step:
    """Record the step of training `network` that follows `state`, on this batch.

    The gradients are the objective's. The optimizer processes them and applies its rule, unless it
    only sums gradients in this step.
    """
    recorder = Recorder()
    with recorder.recording():
        inputs, targets = _inputs(recorder, "x", x, names), _inputs(recorder, "y", y)
        params = from_items({path: _input(recorder, path, w) for path, w in items(state.params)})
        own, calls = tagged(objective, recorder)
        updates: dict[str, Any] = {}
        context = CallContext(training, seed, state.step, updates=updates)
        with recorder.tagged("", "loss"):
            loss, _, grads = own.value_and_gradients(params, inputs, targets, context)
        recorder.marks["loss"] = asarray(loss).index
        fused = _predict(recorder, network, objective.network, calls[0].output)
        gradients = {path: asarray(leaf) for path, leaf in items(grads) if leaf is not None}
        _mark(recorder, "gradient of", gradients)
        with recorder.tagged("", "update"):
            weights, slots = _updated(
                recorder, objective, optimizer, state, params, gradients, rate
            )
        _mark(recorder, "new", weights | (updates if training else {}))
        for name, slot in slots.items():
            _mark(recorder, f"new {name} of", slot)
    program = recorder.program()
    return Step(replace(program, operations=_owned(program, state)), tuple(calls), fused)


def _predict(recorder: Recorder, network: Layer, fused: Layer, outputs: Any) -> dict[str, str]:
    """Mark the predictions, computing the activations that the objective leaves to the loss; return
    these, by the path of their layer.
    """
    activations: dict[str, str] = {}
    for number, output in enumerate(as_tuple(outputs)):
        path = last_path(network, number)
        if path is not None:
            name = network.at(path).output_activation
            if name != fused.at(path).output_activation and name in ACTIVATIONS:
                activations[path] = name
                with recorder.tagged(path, "forward"):
                    output, _ = ACTIVATIONS[name](output)
        place = f".{number}" if isinstance(outputs, tuple) else ""
        recorder.marks[f"prediction{place}"] = asarray(output).index
    return activations


def _updated(
    recorder: Recorder,
    objective: Objective,
    optimizer: Optimizer,
    state: State,
    params: Tree,
    gradients: dict[str, Any],
    learning_rate: float,
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return the trained weights and the slots after the optimizer's step; {} if it has none."""
    step, weights = state.step - state.began, dict(items(params))
    weights = {path: weights[path] for path in objective.trained}
    gradients = {path: gradients[path] for path in weights if path in gradients}
    if len(gradients) < len(weights):
        return {}, {}
    slots: dict[str, dict[str, Any]] = {
        name: {p: _input(recorder, f"{name} of {p}", a) for p, a in items(tree) if p in weights}
        for name, tree in state.slots.items()
    }
    if sums := slots.pop("gradient_accumulator", {}):
        gradients = {path: sums[path] + gradient for path, gradient in gradients.items()}
        if not optimizer.updates_at(step):
            return {}, {"gradient_accumulator": gradients}
    number = optimizer.update_number(step)
    rate: Any = _input(recorder, RATE, np.float64(learning_rate))
    factors = rate_factors(objective.network, objective.weights, optimizer.layer_decay)
    weights, slots = apply_rules(optimizer, factors, weights, slots, gradients, rate, number)
    limits = constraints(objective)
    return average_and_constrain(optimizer, limits, weights, slots, number)


def _owned(program: Program, state: State) -> tuple[Operation, ...]:
    """Return the operations, those of the inputs and the update tagged with the layer whose weights
    they belong to.
    """
    owner = {index: path.rpartition("/")[0] for path, index in program.inputs.items()
             if path in dict(items(state.params))}  # fmt: skip
    for name in state.slots:
        prefix = f"{name} of "
        owner |= {index: path.removeprefix(prefix).rpartition("/")[0]
                  for path, index in program.inputs.items() if path.startswith(prefix)}  # fmt: skip
    of = "gradient of "
    gradients = {index: name.removeprefix(of).rpartition("/")[0]
                 for name, index in program.marks.items() if name.startswith(of)}  # fmt: skip
    operations = []
    for operation in program.operations:
        index = operation.index
        if operation.phase == "update" and operation.operands:
            owners = {owner.get(i, gradients.get(i)) for i in operation.operands} - {None}
            if len(owners) == 1:
                owner[index] = str(owners.pop())
        operations.append(replace(operation, layer=owner[index]) if index in owner else operation)
    return tuple(operations)


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


def _mark(recorder: Recorder, name: str, arrays: Mapping[str, Any]) -> None:
    for path, array in arrays.items():
        recorder.marks[f"{name} {path}"] = asarray(array).index
