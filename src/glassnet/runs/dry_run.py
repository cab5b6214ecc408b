"""What a training would take: `glassnet train --dry-run`.

Nothing is written. Some steps are done by the loop that trains, on a copy of the model and on the
real data, and some held-out examples are judged; the rest is multiplication.
"""

import time
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, as_tuple, map_arrays
from glassnet.core.trees import items
from glassnet.data import Corpus
from glassnet.engines import KERAS_ENGINES
from glassnet.engines.memory import peak, result_bytes
from glassnet.engines.state import initial_state
from glassnet.layers import CallContext
from glassnet.model.flops import flops
from glassnet.model.summary import forward_flops
from glassnet.runs.prepare import PreparedTraining, prepare
from glassnet.runs.settings import Settings
from glassnet.runs.train import fit
from glassnet.training.callbacks import Callback, Record

TIMED_SECONDS = 3.0  # of steps after the first segment, in which engines compile
JUDGED = 2000  # examples, at most, by which judging is timed
KERAS_IS_NOT_TIMED = (
    "Keras's own fit runs the steps: their time and memory are not predicted. "
    "--engine numpy or jax trains the same network."
)


@dataclass(frozen=True, eq=False)
class Forecast:
    """What is known of a training before it is done. Memory in bytes, times in seconds."""

    prepared: PreparedTraining
    flops: int  # of a training step
    memory: dict[str, int | None]
    seconds: dict[str, float] | None  # by the clock; None if a Keras engine trains
    cpu_seconds: dict[str, float] | None  # of all threads: what other programs disturb less

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
        """The figures, for people."""
        memory, settings = self.memory, self.prepared.settings
        held = ", ".join(f"{name} {_megabytes(memory[name])}" for name in list(memory)[:-1])
        lines = [
            f"FLOPs: {self.flops:,} for a training step of {settings.batch_size}",
            f"Memory: {held}",
        ]
        if self.seconds is None:
            return [*lines, KERAS_IS_NOT_TIMED]
        s = self.seconds
        rate = self.flops / s["step"] / 1e9
        ends = settings.early_stopping is not None or settings.max_time is not None
        stops = "if nothing ends it before, " if ends else ""
        return [
            *lines,
            f"Peak memory: about {_megabytes(memory['peak'])}, with Python and libraries",
            f"A step: {1000 * s['step']:.3g} ms ({rate:.3g} GFLOP/s); before the first: "
            f"{s['prepare']:.1f} s to prepare, {s['compile']:.1f} s to compile and warm up",
            f"Time: {stops}about {s['training']:.1f} s of training, {settings.epochs} epochs of "
            f"{s['epoch']:.1f} s; {s['total']:.1f} s with preparing and judging",
        ]


def dry_run(settings: Settings, *, data_dir: str | None = None) -> Forecast:
    """All that can be said of a training with these settings before it is done.

    Raises GlassnetError where the training would.
    """
    began = _now()
    prepared = prepare(settings, data_dir)
    preparing = _now() - began
    timed = settings.engine not in KERAS_ENGINES
    times = _times(prepared, preparing) if timed else None
    most = peak() if timed else None  # before what follows, which no training does
    work, memory = _counted(prepared)
    return Forecast(
        prepared,
        work,
        memory | {"peak": most},
        None if times is None else {name: float(both[0]) for name, both in times.items()},
        None if times is None else {name: float(both[1]) for name, both in times.items()},
    )


# -- time ------------------------------------------------------------------------------------------


def _now() -> Array:
    """(the clock, processor time of all threads), in seconds."""
    return np.array([time.perf_counter(), time.process_time()])


class _EnoughError(Exception):
    """Ends the timed steps."""


@dataclass
class _Stopwatch(Callback):
    """Times segments of steps, until they took TIMED_SECONDS."""

    uneven: bool  # the last batch is smaller: where engines compile, that is a second program
    segments: list[tuple[int, Array]] = field(default_factory=list)  # (steps, what they took)
    slow: list[int] = field(default_factory=list)  # those in which engines compile

    def on_train_begin(self, record: Record) -> None:
        self.began = self.last = _now()

    def on_epoch_begin(self, record: Record) -> None:
        self.done = 0

    def on_segment_end(self, record: Record) -> None:
        now = _now()
        ends = self.uneven and record.epoch == 0 and record.step == record.steps
        if not self.segments or ends:
            self.slow.append(len(self.segments))
        self.segments.append((record.step - self.done, now - self.last))
        self.last, self.done = now, record.step
        steps, took = self._fast()
        if steps and took[0] > TIMED_SECONDS:
            raise _EnoughError

    def _fast(self) -> tuple[int, Array]:
        """Steps in segments without compiling, and what they took."""
        found = [pair for i, pair in enumerate(self.segments) if i not in self.slow]
        return sum(n for n, _ in found), np.sum([took for _, took in found], axis=0)

    def step(self) -> Array:
        """What a step takes, on the average."""
        steps, took = self._fast()
        return took / steps

    def compiling(self) -> Array:
        """What comes on top of the steps while all programs are compiled."""
        extra = [self.segments[i][1] - self.segments[i][0] * self.step() for i in self.slow]
        programs = 2 if self.uneven else 1
        both: Array = np.maximum(np.mean(extra, axis=0) * programs, 0)
        return both


def _times(prepared: PreparedTraining, preparing: Array) -> dict[str, Array]:
    """What the parts of a training take, by the clock and in processor time."""
    settings, trial = prepared.settings, deepcopy(prepared.model)
    rows, size = len(prepared.data.train), settings.batch_size
    watch = _Stopwatch(uneven=bool(rows % size) and rows > size)
    twice = replace(settings, epochs=max(settings.epochs, 2))  # one epoch may only be compiling
    unwatched = replace(prepared.subject, held_out=None)
    began = _now()
    try:
        with _read_only_cache(settings.engine):
            fit(replace(prepared, model=trial, settings=twice, subject=unwatched), [watch])
    except _EnoughError:
        pass
    setup = watch.began - began
    # The test set stays untouched: all examples of a shape take the same time.
    examples = prepared.data.validation or prepared.data.train
    seen = min(len(examples), JUDGED)
    began = _now()
    trial.evaluate(examples.x[:seen], examples.y[:seen], verbose=0)
    judging_one = (_now() - began) / seen

    steps, step, compiling = -(-rows // size), watch.step(), watch.compiling()
    validation = len(prepared.data.validation) * judging_one
    epoch = steps * step + validation
    training = compiling + settings.epochs * epoch
    passes = 1 if isinstance(prepared.data.dataset, Corpus) else 2  # the loss, then the predictions
    judging = validation + passes * len(prepared.data.dataset.x_test) * judging_one
    return {
        "prepare": preparing + setup,
        "compile": compiling,
        "step": step,
        "validation": validation,
        "epoch": epoch,
        "training": training,
        "judging": judging,
        "total": preparing + setup + training + judging,
    }


def _read_only_cache(engine: str) -> AbstractContextManager[None]:
    """Inside this, an engine that compiles writes no programs for later processes."""
    if engine != "jax":
        return nullcontext()
    from glassnet.engines.jax import read_only_cache

    return read_only_cache()


# -- operations and memory -------------------------------------------------------------------------


def _counted(prepared: PreparedTraining) -> tuple[int, dict[str, int | None]]:
    """Floating-point operations, and bytes that are held, by one step on NumPy."""
    settings, model, subject = prepared.settings, prepared.model, prepared.subject
    optimizer, params = model.compiled.optimizer, subject.params
    objective = model.objective(settings.augment)
    size, dataset = settings.batch_size, prepared.data.dataset
    batch = model.examples(subject.train.x[:size], subject.train.y[:size])
    x = map_arrays(lambda a: a.astype(model.dtype), batch.x)
    state = initial_state(objective, optimizer, params)
    trained = {path: leaf for path, leaf in items(params) if path in set(objective.trained)}

    def update(weights: dict[str, Array]) -> None:
        slots = optimizer.init_state(weights)
        flat = {name: dict(items(tree)) for name, tree in slots.items()}
        for path, gradient in optimizer.process_gradients(weights).items():
            rule = optimizer.rule_for(path, gradient.shape)
            kept = tuple(flat[name][path] for name in rule.slots)
            rule.step(gradient, kept, weights[path], 0.0, 1)

    def gradients(params: Any, x: Any) -> None:
        objective.value_and_gradients(params, x, batch.y, _call(settings))

    assert subject.test is not None
    arrays = [subject.train.x, subject.train.y, *(prepared.validation_data or ())]
    arrays += [dataset.x_train, dataset.y_train, dataset.x_test, subject.test.y]
    return flops(gradients, params, x) + flops(update, trained), {
        "data": sum(_bytes(array) for array in arrays),
        "parameters": sum(leaf.nbytes for _, leaf in items(params)),
        "optimizer": sum(leaf.nbytes for tree in state.slots.values() for _, leaf in items(tree)),
        "activations": result_bytes(lambda: objective.forward(params, x, _call(settings))),
    }


def _call(settings: Settings) -> CallContext:
    return CallContext(True, settings.seed, wrt_x=False, updates={})


def _bytes(data: Any) -> int:
    return sum(a.nbytes for a in as_tuple(data))


def _megabytes(count: int | None) -> str:
    if count is None:
        return "unknown"
    return f"{count / 1e6:,.0f} MB" if count >= 1e8 else f"{count / 1e6:.3g} MB"
