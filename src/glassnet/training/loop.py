"""The loop over epochs: it owns the order of the examples and hands an engine segments of steps.

A segment is short (about 0.2 s), so that progress, Ctrl-C and callbacks act between segments,
and long enough that an engine may compile it or run ahead.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from glassnet.arrays import length
from glassnet.data.splits import epoch_order
from glassnet.engines.state import Engine, State
from glassnet.optimizers import Optimizer
from glassnet.training.callbacks import Callback, Record
from glassnet.training.divergence import divergence
from glassnet.training.means import Means
from glassnet.trees import Array, Tree

SEGMENT_SECONDS = 0.2
LONGEST_SECONDS = 2.0  # of a segment that an engine wants to be longer


@dataclass
class History:
    """What each epoch was like: `history` maps each number's name to its list, as in Keras."""

    epoch: list[int] = field(default_factory=list)
    history: dict[str, list[float]] = field(default_factory=dict)

    def append(self, epoch: int, logs: Mapping[str, float]) -> None:
        """Add an epoch."""
        self.epoch.append(epoch)
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)


@dataclass(frozen=True)
class Plan:
    """How to go through the data."""

    epochs: int
    batch_size: int
    shuffle: bool = True
    seed: int = 0
    initial_epoch: int = 0


def train(
    engine: Engine,
    optimizer: Optimizer,
    x: Array,
    y: Array,
    plan: Plan,
    *,
    validate: Callable[[Tree], Mapping[str, float]] | None = None,
    callbacks: Sequence[Callback] = (),
    interrupted: Callable[[], bool] = lambda: False,
) -> tuple[State, History]:
    """Train through all epochs, or until a callback stops; the last (or restored) state.

    `interrupted` is asked after each segment; if it says yes, training ends there as if a callback
    had stopped it. Raises DivergenceError before a step whose loss or gradients are no numbers: the
    engine stays at the step before.
    """
    history, told = History(), _Callbacks(callbacks, engine)
    steps = -(-length(x) // plan.batch_size)
    record, pace = Record(plan.initial_epoch, plan.epochs, steps=steps), _Pace(engine.least_steps)
    told("on_train_begin", record)
    for epoch in range(plan.initial_epoch, plan.epochs):
        if told.stopped or interrupted():
            break
        record = Record(epoch, plan.epochs, steps=steps)
        told("on_epoch_begin", record)
        began = time.perf_counter()
        for done, means in _segments(engine, optimizer, x, y, plan, epoch, pace):
            seconds = time.perf_counter() - began
            record = Record(epoch, plan.epochs, done, steps, means, seconds)
            told("on_segment_end", record)
            if interrupted():
                break
        if record.step < steps:
            break
        logs = dict(record.logs)
        if validate is not None:
            # With use_ema, training ends with the averages: they are what there is to judge.
            params = engine.state().averaged().params if optimizer.use_ema else engine.params
            found = sorted(validate(params).items())  # as Keras: accuracy before loss
            logs |= {f"val_{name}": value for name, value in found}
        history.append(epoch, logs)
        record = replace(record, logs=logs, seconds=time.perf_counter() - began)
        told("on_epoch_end", record)
    told("on_train_end", record)
    return told.restored or engine.state(), history


def _segments(
    engine: Engine, optimizer: Optimizer, x: Array, y: Array, plan: Plan, epoch: int, pace: "_Pace"
) -> Iterator[tuple[int, dict[str, float]]]:
    """Run an epoch, segment by segment: (steps done, means of the epoch so far)."""
    first, size, means = engine.step, plan.batch_size, Means()
    rows = length(x)
    order = epoch_order(rows, plan.seed, first) if plan.shuffle else np.arange(rows)
    steps, done = -(-rows // size), 0
    while done < steps:
        started = time.perf_counter()
        segment = range(done, min(done + pace.steps, steps))
        batches = [order[i * size : (i + 1) * size] for i in segment]
        measures = engine.run(x, y, batches, [optimizer.rate(first + i) for i in segment])
        if not measures.sound:
            seen = len(measures.losses)
            where = f"epoch {epoch + 1}, step {done + seen}"
            raise divergence(engine, x, y, batches[seen - 1], measures.losses[-1], where)
        means.add(measures.sizes, {"loss": measures.losses, **measures.metrics})
        done += len(segment)
        pace.took(len(segment), time.perf_counter() - started)
        yield done, means.logs()


@dataclass
class _Pace:
    """How many steps a segment has: one at first, then so many as take SEGMENT_SECONDS."""

    least: int
    steps: int = 1

    def took(self, steps: int, seconds: float) -> None:
        rate = steps / max(seconds, 1e-6)
        wanted = max(int(rate * SEGMENT_SECONDS), min(self.least, int(rate * LONGEST_SECONDS)))
        # An epoch's last segment is short, and says little of how long a long one would take.
        if steps == self.steps or wanted < self.steps:
            self.steps = max(1, min(4 * self.steps, wanted))


class _Callbacks:
    """Tells every callback, and gathers what they ask for."""

    def __init__(self, callbacks: Sequence[Callback], engine: Engine) -> None:
        self.callbacks, self.engine = callbacks, engine
        self.stopped = False
        self.kept: dict[int, State] = {}  # by the callback that asked
        self.restored: State | None = None

    def __call__(self, point: str, record: Record) -> None:
        for i, callback in enumerate(self.callbacks):
            request: Any = getattr(callback, point)(record)
            if request is None:
                continue
            self.stopped |= request.stop
            if request.keep:
                self.kept[i] = self.engine.state()
            if request.restore:
                self.restored = self.kept.get(i)
