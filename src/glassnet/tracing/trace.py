"""`trace`: one example through forward, loss, backward and update, number by number."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.core.arrays import as_tuple, map_arrays
from glassnet.core.errors import GlassnetError
from glassnet.core.file_formats import service
from glassnet.core.trees import items, map_leaves
from glassnet.engines.state import State
from glassnet.layers import CallContext
from glassnet.model.model import Model
from glassnet.optimizers import Optimizer
from glassnet.tracing.layers import traced_layers
from glassnet.tracing.program import Program
from glassnet.tracing.result import Part, Trace
from glassnet.tracing.step import Step, record_step
from glassnet.tracing.values import values_of
from glassnet.training.step import Objective

_WARM_UP = 20_000  # steps, in which a schedule that begins with 0 has its largest rate


def trace(
    model: Model,
    x: Any,
    y: Any = None,
    *,
    training: bool = False,
    optimizer_state: State | None = None,
    learning_rate: float | None = None,
) -> Trace:
    """Return one example's way through the model: forward, loss, backward and update.

    x and y are one example, or several as one batch, as `fit` takes them; a model that reads raw
    rows takes a DataFrame with the target. All is computed in float64, by the code that trains.
    Each of its operations is recorded, so each number can be opened to the terms it is made of:

        t = trace(model, x, y)
        t.layer("dense").output[4]           # x·w + ... + b, with the numbers
        t.layer("dense").output.derivative(4)  # of the loss, and its finite difference
        t.explain("new dense/kernel[117, 4]")  # the optimizer's step, in lines of text

    With `training`, the step is that of training on this batch: dropout drops, normalization uses
    the batch. Without, layers compute as in `predict`. The optimizer's state is the model's, or
    `optimizer_state` of a checkpoint; model files have none, so that the step is then a first one,
    which `notes` says. The learning rate is that of the step, or `learning_rate`; if a schedule
    begins with 0, its largest. What a step does not compute is `NotComputed`, with a reason, not 0.

    Raises GlassnetError if the model is not compiled, or if x and y do not fit it.
    """
    compiled = model.compiled
    x, y = _batch(model, x, y)
    examples = model.examples(x, y)
    params = model.adapted(examples.x)
    objective = model.objective()
    state = optimizer_state or model.state_with(params, objective)
    dtype = np.dtype(model.dtype)
    state = replace(state, params=map_leaves(lambda w: np.asarray(w, np.float64), state.params))
    inputs = map_arrays(lambda a: a.astype(dtype).astype(np.float64), examples.x)
    rate = _rate(compiled.optimizer, state.step) if learning_rate is None else learning_rate
    step = record_step(
        model.network,
        objective,
        compiled.optimizer,
        state,
        inputs,
        examples.y,
        training=training,
        seed=model.seed,
        rate=rate,
        names=tuple(name or str(i) for i, name in enumerate(model.input_names)),
    )
    program = step.program
    return Trace(
        program,
        traced_layers(step, objective, training, optimizer_state is None and not state.step),
        values_of(program, program.marks["loss"], "loss"),
        _prediction(program),
        tuple(_notes(state, compiled.optimizer, rate, training, optimizer_state)),
        model.class_names,
        lambda: _of_model(model, step, objective, state, inputs, examples.y, training),
    )


def _batch(model: Model, x: Any, y: Any) -> tuple[Any, Any]:
    """Return x and y with the axis of examples."""
    if model.are_rows(x):
        x, y, _ = service("evaluate rows").examples_of(model, x, y, None)
        return (list(x) if isinstance(x, tuple) else x), y
    if y is None:
        raise GlassnetError(
            "needs the target, of which the loss and the gradients are computed.",
            where="trace",
            fix="Write trace(model, x, y).",
        )
    if not model.built:
        return x, y
    shape = model.accepted_shape
    several = model.network.inputs > 1
    if isinstance(x, dict) and set(x) == set(model.input_names):
        x = [x[name] for name in model.input_names]
        x = x if several else x[0]
    first, axes = (x[0], shape[0]) if several and isinstance(x, list | tuple) else (x, shape)
    if np.ndim(first) != len(axes):
        return x, y

    def add(data: Any) -> Any:
        return np.asarray(data)[None]

    x = [add(part) for part in x] if several and isinstance(x, list | tuple) else add(x)
    if isinstance(y, dict):
        return x, {name: add(part) for name, part in y.items()}
    several_outputs = model.network.output_count > 1 and isinstance(y, list | tuple)
    return x, [add(part) for part in y] if several_outputs else add(y)


def _of_model(
    model: Model, step: Step, objective: Objective, state: State, x: Any, y: Any, training: bool
) -> list[tuple[str, Any, Any, float]]:
    """Return (name, the trace's numbers, the model's own, tolerance): the step by NumPy in float64,
    and outside training, the predictions in the model's dtype.
    """
    context = CallContext(training, model.seed, state.step, updates={})
    wide = map_arrays(lambda a: a if a is None or a.dtype.kind != "f" else a.astype(np.float64), y)
    loss, _, gradients = objective.value_and_gradients(state.params, x, wide, context)
    program = step.program
    theirs = {"loss": loss} | {f"gradient of {path}": g for path, g in items(gradients)}
    theirs = {name: np.ravel(value) for name, value in theirs.items() if value is not None}
    ours = [np.ravel(program.operations[program.marks[name]].value) for name in theirs]
    both = np.concatenate(ours), np.concatenate([*theirs.values()])
    proofs = [("loss and gradients are those of NumPy", *both, 1e-9)]
    if not training:
        outputs = model.predict(list(x) if isinstance(x, tuple) else x, verbose=0)
        predicted = outputs if isinstance(outputs, list) else [outputs]
        for values, own in zip(as_tuple(_prediction(program)), predicted, strict=True):
            name = f"{values.name} is the model's"
            traced = program.operations[values.index].value
            proofs.append((name, traced, own, 1e-4 if model.dtype == "float32" else 1e-9))
    return proofs


def _prediction(program: Program) -> Part:
    names = [name for name in program.marks if name.partition(".")[0] == "prediction"]
    parts = tuple(values_of(program, program.marks[name], name) for name in names)
    return parts[0] if names == ["prediction"] else parts


def _rate(optimizer: Optimizer, step: int) -> float:
    """Return the learning rate of a step; of the first one of a warm-up from 0, the largest."""
    rate = optimizer.rate(step)
    return max(map(optimizer.rate, range(_WARM_UP))) if step == 0 and not rate else rate


def _notes(
    state: State, optimizer: Optimizer, rate: float, training: bool, of_checkpoint: State | None
) -> Iterator[str]:
    if not training:
        yield "computed as in predict: dropout is the identity, normalization uses its statistics"
    if of_checkpoint is None and not state.step:
        slots = ", ".join(optimizer.slots)
        yield (
            "the update is that of a first step"
            + (f": the optimizer's state ({slots}) is not in a model file" if slots else "")
            + f"; learning rate {rate:.4g}"
            + ("" if optimizer.rate(0) else ", the largest of its schedule, which begins with 0")
        )
