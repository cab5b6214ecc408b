"""`glassnet train --dry-run`: predict the time and memory of a training.

Nothing is written. A few steps are run by the training loop, on a copy of the model and on the
real data, and a few validation examples are evaluated; the times of the rest are extrapolated.
"""

import time
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, as_tuple, length, map_arrays, take
from glassnet.core.memory import peak, result_bytes
from glassnet.core.trees import items
from glassnet.data import Corpus
from glassnet.engines import KERAS_ENGINES
from glassnet.engines.state import initial_state
from glassnet.layers import CallContext
from glassnet.model.flops import flops
from glassnet.model.summary import forward_flops
from glassnet.runs.fit import fit
from glassnet.runs.prepare import PreparedTraining, prepare
from glassnet.runs.settings import Settings
from glassnet.training.callbacks import Callback, Record
from glassnet.training.callbacks.progress_bar import duration

TIMED_SECONDS = 3.0  # of steps after the first segment, in which engines compile
EVALUATED = 2000  # examples, at most, to time evaluation
KERAS_IS_NOT_TIMED = (
    "Training runs in Keras's own fit: its time and memory are not predicted. "
    "--engine numpy or jax trains the same network."
)


@dataclass(frozen=True, eq=False)
class Forecast:
    """The predicted cost of a training. Memory in bytes, times in seconds."""

    prepared: PreparedTraining
    flops: int  # of a training step
    memory: dict[str, int | None]
    seconds: dict[str, float] | None  # wall-clock time; None for a Keras engine
    cpu_seconds: dict[str, float] | None  # of all threads; depends less on other programs

    def to_dict(self) -> dict[str, Any]:
        model = self.prepared.model
        forward = forward_flops(model.network, model.input_shape)
        return {
            "configuration": self.prepared.config,
            "model": model.describe(),
            "flops": {"forward": forward, "step": self.flops},
            "memory": self.memory,
            "seconds": self.seconds,
            "cpu_seconds": self.cpu_seconds,
            "findings": self.prepared.findings,
        }

    def lines(self) -> list[str]:
        """Return the forecast as lines of text."""
        memory, settings = self.memory, self.prepared.settings
        size = self.prepared.data.batch_size
        parts = ", ".join(f"{name} {_megabytes(memory[name])}" for name in list(memory)[:-1])
        lines = [
            f"FLOPs: {self.flops:,} for a training step with {size} examples",
            f"Memory: {parts}",
        ]
        if self.seconds is None:
            return [*lines, KERAS_IS_NOT_TIMED]
        s = self.seconds
        rate = self.flops / s["step"] / 1e9
        may_stop = settings.early_stopping is not None or settings.max_time is not None
        condition = "unless it stops early, " if may_stop else ""
        return [
            *lines,
            f"Peak memory: about {_megabytes(memory['peak'])}, including Python and libraries",
            f"Step: {1000 * s['step']:.3g} ms ({rate:.3g} GFLOP/s); before the first: "
            f"{s['prepare']:.1f} s to prepare, {s['compile']:.1f} s to compile and warm up",
            f"Time: {condition}about {_time(s['training'])} of training, {settings.epochs} epochs "
            f"of {_time(s['epoch'])}; {_time(s['total'])} with preparation and evaluation",
        ]


def _time(seconds: float) -> str:
    """Return a duration in seconds with a decimal, or if it is long, in minutes or hours."""
    return f"{seconds:.1f} s" if seconds < 100 else duration(seconds)


def dry_run(settings: Settings, *, data_dir: str | None = None) -> Forecast:
    """Predict the time and memory of a training with these settings.

    Raises GlassnetError if the training would raise before its first step.
    """
    start = _now()
    prepared = prepare(settings, data_dir)
    preparation = _now() - start
    timed = settings.engine not in KERAS_ENGINES
    times = _predict_times(prepared, preparation) if timed else None
    peak_memory = peak() if timed else None  # before the measurements below, which need more
    step_flops, memory = _measure_step(prepared)
    return Forecast(
        prepared,
        step_flops,
        memory | {"peak": peak_memory},
        None if times is None else {name: float(both[0]) for name, both in times.items()},
        None if times is None else {name: float(both[1]) for name, both in times.items()},
    )


# -- time ------------------------------------------------------------------------------------------


def _now() -> Array:
    """Return (wall-clock time, CPU time of all threads) in seconds."""
    return np.array([time.perf_counter(), time.process_time()])


class _TimingFinishedError(Exception):
    """Raised to stop the training once enough steps are timed."""


@dataclass
class _Stopwatch(Callback):
    """Times segments of steps, until they have taken TIMED_SECONDS."""

    partial_batch: bool  # the last batch is smaller: a second program to compile
    segments: list[tuple[int, Array]] = field(default_factory=list)  # (steps, duration)
    compiling_segments: list[int] = field(default_factory=list)  # indices into segments

    def on_train_begin(self, record: Record) -> None:
        self.start = self.last = _now()

    def on_epoch_begin(self, record: Record) -> None:
        self.done = 0

    def on_segment_end(self, record: Record) -> None:
        now = _now()
        is_last = self.partial_batch and record.epoch == 0 and record.step == record.steps
        if not self.segments or is_last:
            self.compiling_segments.append(len(self.segments))
        self.segments.append((record.step - self.done, now - self.last))
        self.last, self.done = now, record.step
        steps, duration = self._without_compiling()
        if steps and duration[0] > TIMED_SECONDS:
            raise _TimingFinishedError

    def _without_compiling(self) -> tuple[int, Array]:
        """Return the number of steps in segments without compilation, and their duration."""
        pairs = [pair for i, pair in enumerate(self.segments) if i not in self.compiling_segments]
        return sum(n for n, _ in pairs), np.sum([duration for _, duration in pairs], axis=0)

    def step(self) -> Array:
        """Return the mean duration of a step."""
        steps, duration = self._without_compiling()
        return duration / steps

    def compilation(self) -> Array:
        """Return the additional duration of compiling all programs."""
        extra = [
            self.segments[i][1] - self.segments[i][0] * self.step() for i in self.compiling_segments
        ]
        programs = 2 if self.partial_batch else 1
        return np.maximum(np.mean(extra, axis=0) * programs, 0)


def _predict_times(prepared: PreparedTraining, preparation: Array) -> dict[str, Array]:
    """Return the wall-clock and CPU time of each part of a training."""
    settings, trial = prepared.settings, deepcopy(prepared.model)
    rows, size = len(prepared.data.train), prepared.data.batch_size
    watch = _Stopwatch(partial_batch=bool(rows % size) and rows > size)
    twice = replace(settings, epochs=max(settings.epochs, 2))  # in one epoch, all may be compiling
    without_validation = replace(prepared.subject, held_out=None)
    start = _now()
    try:
        with _without_program_cache(settings.engine):
            fit(replace(prepared, model=trial, settings=twice, subject=without_validation), [watch])
    except _TimingFinishedError:
        pass
    setup = watch.start - start
    # The test set is not used: all examples of a shape take the same time.
    examples = prepared.data.validation or prepared.data.train
    count = min(len(examples), EVALUATED)
    start = _now()
    trial.evaluate(take(examples.x, slice(count)), examples.y[:count], verbose=0)
    evaluation_step = (_now() - start) / count

    steps, step, compilation = -(-rows // size), watch.step(), watch.compilation()
    validation = len(prepared.data.validation) * evaluation_step
    epoch = steps * step + validation
    training = compilation + settings.epochs * epoch
    passes = 1 if isinstance(prepared.data.dataset, Corpus) else 2  # the loss, then the predictions
    evaluation = validation + passes * length(prepared.data.dataset.x_test) * evaluation_step
    return {
        "prepare": preparation + setup,
        "compile": compilation,
        "step": step,
        "validation": validation,
        "epoch": epoch,
        "training": training,
        "evaluation": evaluation,
        "total": preparation + setup + training + evaluation,
    }


def _without_program_cache(engine: str) -> AbstractContextManager[None]:
    """Return a context in which compiled programs are not cached on disk."""
    if engine != "jax":
        return nullcontext()
    from glassnet.engines.jax import read_only_cache

    return read_only_cache()


# -- operations and memory -------------------------------------------------------------------------


def _measure_step(prepared: PreparedTraining) -> tuple[int, dict[str, int | None]]:
    """Return the floating-point operations and the memory of one training step on NumPy."""
    settings, model, subject = prepared.settings, prepared.model, prepared.subject
    optimizer, params = model.compiled.optimizer, subject.params
    objective = model.objective(settings.augment)
    size, dataset = prepared.data.batch_size, prepared.data.dataset
    batch = model.examples(take(subject.train.x, slice(size)), subject.train.y[:size])
    x = map_arrays(lambda array: array.astype(model.dtype), batch.x)
    state = initial_state(objective, optimizer, params)
    trained = {path: leaf for path, leaf in items(params) if path in set(objective.trained)}

    def update(weights: dict[str, Array]) -> None:
        slots = optimizer.init_state(weights)
        flat = {name: dict(items(tree)) for name, tree in slots.items()}
        for path, gradient in optimizer.process_gradients(weights).items():
            rule = optimizer.rule_for(path, gradient.shape)
            state = tuple(flat[name][path] for name in rule.slots)
            rule.step(gradient, state, weights[path], 0.0, 1)

    def gradients(params: Any, x: Any) -> None:
        objective.value_and_gradients(params, x, batch.y, _call(settings))

    assert subject.test is not None
    data = [subject.train.x, subject.train.y, *(prepared.validation_data or ())]
    data += [dataset.x_train, dataset.y_train, dataset.x_test, subject.test.y]
    arrays = [array for part in data for array in as_tuple(part)]
    return flops(gradients, params, x) + flops(update, trained), {
        "data": sum(array.nbytes for array in arrays),
        "parameters": sum(leaf.nbytes for _, leaf in items(params)),
        "optimizer": sum(leaf.nbytes for tree in state.slots.values() for _, leaf in items(tree)),
        "activations": result_bytes(lambda: objective.forward(params, x, _call(settings))),
    }


def _call(settings: Settings) -> CallContext:
    return CallContext(True, settings.seed, wrt_x=False, updates={})


def _megabytes(count: int | None) -> str:
    if count is None:
        return "unknown"
    return f"{count / 1e6:,.0f} MB" if count >= 1e8 else f"{count / 1e6:.3g} MB"
