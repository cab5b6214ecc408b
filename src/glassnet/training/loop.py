"""The loop over epochs: it owns the order of the examples and hands an engine segments of steps.

A segment is short (about 0.2 s), so that progress, Ctrl-C and callbacks act between segments,
and long enough that an engine may compile it or run ahead.
"""

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from glassnet.core.arrays import Array, length
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree
from glassnet.data.splits import epoch_order
from glassnet.engines.state import Engine, State
from glassnet.optimizers import Optimizer
from glassnet.training.callbacks import Callback, Record, Request
from glassnet.training.callbacks.base import Snapshot, no_model
from glassnet.training.divergence import divergence
from glassnet.training.learning_rate import Rates
from glassnet.training.running_means import Means

SEGMENT_SECONDS = 0.2
TAKEN = ("epoch", "seconds")  # names that a number of an epoch can't have
LONGEST_SECONDS = 2.0  # of a segment that an engine wants to be longer


@dataclass
class History:
    """What each epoch was like: `history` maps each number's name to its list, as in Keras."""

    epoch: list[int] = field(default_factory=list)
    history: dict[str, list[float]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    def append(self, epoch: int, logs: Mapping[str, float], seconds: float) -> None:
        """Add an epoch; of a number that not every epoch has, the others have NaN."""
        for name in {**self.history, **logs}:
            before = [math.nan] * len(self.epoch)
            self.history.setdefault(name, before).append(logs.get(name, math.nan))
        self.epoch.append(epoch)
        self.seconds.append(seconds)

    def rows(self) -> Iterator[tuple[int, dict[str, float], float]]:
        """Each epoch with its numbers and seconds."""
        for i, epoch in enumerate(self.epoch):
            logs = {name: values[i] for name, values in self.history.items()}
            yield epoch, logs, self.seconds[i]


@dataclass(frozen=True)
class Plan:
    """How to go through the data."""

    epochs: int
    batch_size: int
    shuffle: bool = True
    seed: int = 0
    initial_epoch: int = 0


@dataclass(frozen=True)
class Position:
    """Where a training is between two segments: all that going on from there takes."""

    state: State
    epoch: int  # that is running; the next one where no step of it is done
    step: int = 0  # steps done in it
    seconds: float = 0.0  # that they took
    means: Means = field(default_factory=Means)  # over them
    history: History = field(default_factory=History)
    learning_rate: float | None = None  # that a callback asked for
    stopped: bool = False  # as a callback asked
    kept: Mapping[int, State] = field(default_factory=dict)  # by the number of the callback
    memories: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)  # likewise


class Backup(Protocol):
    """What writes positions down, so that a training can go on in another process."""

    def steps_left(self, step: int) -> int | None:
        """In how many steps, after so many steps of training, one is wanted; None: no matter."""

    def due(self, step: int, epoch_ends: bool) -> bool:
        """Whether one is wanted after so many steps of training."""

    def write(self, position: Position) -> None:
        """Write it down."""


def train(
    engine: Engine,
    optimizer: Optimizer,
    x: Array,
    y: Array,
    plan: Plan,
    *,
    validate: Callable[[Tree], Mapping[str, float]] | None = None,
    model: Callable[[Tree], Snapshot] = lambda params: no_model(),
    callbacks: Sequence[Callback] = (),
    interrupted: Callable[[], bool] = lambda: False,
    backup: Backup | None = None,
    start: Position | None = None,
) -> tuple[State, History]:
    """Train through all epochs, or until a callback stops; the last (or restored) state.

    `interrupted` is asked after each segment; if it says yes, training ends there as if a callback
    had stopped it. Raises DivergenceError before a step whose loss or gradients are no numbers: the
    engine stays at the step before. `model` describes the model with some weights, for callbacks.
    From the position `start`, training ends as it would have ended without the interruption there.
    """
    training = _Training(engine, Rates(optimizer), x, y, plan, model, callbacks)
    if start is None:
        training.tell("on_train_begin")
    else:
        training.go_on(start)
    training.run(validate, interrupted, backup)
    training.tell("on_train_end", training.record)
    return training.told.restored or engine.state(), training.history


class _Training:
    """A training that is under way."""

    def __init__(
        self,
        engine: Engine,
        rates: Rates,
        x: Array,
        y: Array,
        plan: Plan,
        model: Callable[[Tree], Snapshot],
        callbacks: Sequence[Callback],
    ) -> None:
        self.model = model
        self.engine, self.rates, self.x, self.y, self.plan = engine, rates, x, y, plan
        self.steps = -(-length(x) // plan.batch_size)
        self.epoch, self.done = plan.initial_epoch, 0
        self.means, self.history = Means(), History()
        self.told, self.pace = _Callbacks(callbacks, engine, rates), _Pace(engine.least_steps)
        self.began = time.perf_counter()  # of the epoch
        self.order = np.arange(0)  # of the epoch's rows

    def go_on(self, start: Position) -> None:
        """Take up what was interrupted."""
        if start.step >= self.steps:  # where an epoch ends, the next one's first step is to come
            raise GlassnetError(
                f"stands at step {start.step} of an epoch that has {self.steps}.",
                where="the checkpoint",
                fix="Remove it to train from the beginning.",
            )
        self.engine.load(start.state)
        self.epoch, self.done = start.epoch, start.step
        self.means, self.history = start.means, start.history
        self.rates.asked = start.learning_rate
        self.began = time.perf_counter() - start.seconds
        self.tell("on_train_begin")
        self.told.set_state(start)

    def run(
        self,
        validate: Callable[[Tree], Mapping[str, float]] | None,
        interrupted: Callable[[], bool],
        backup: Backup | None,
    ) -> None:
        """All that is left of the epochs, or as much as is wanted."""
        while self.epoch < self.plan.epochs and not (self.told.stopped or interrupted()):
            self._begin_epoch()
            while self.done < self.steps:
                self._segment(backup.steps_left(self.engine.step) if backup else None)
                self.tell("on_segment_end")
                if self.done == self.steps or self.told.stopped:
                    break
                stops = interrupted()
                if backup and (stops or backup.due(self.engine.step, epoch_ends=False)):
                    backup.write(self.position())
                if stops:
                    return
            self._end_epoch(validate)
            ends = self.told.stopped or self.epoch == self.plan.epochs or interrupted()
            if backup and (ends or backup.due(self.engine.step, epoch_ends=True)):
                backup.write(self.position())

    def position(self) -> Position:
        """A copy of where training is."""
        return Position(
            self.engine.state(),
            self.epoch,
            self.done,
            time.perf_counter() - self.began,
            deepcopy(self.means),
            deepcopy(self.history),
            self.rates.asked,
            self.told.stopped,
            dict(self.told.kept),
            {i: _memory(callback) for i, callback in enumerate(self.told.callbacks)},
        )

    def tell(self, point: str, record: Record | None = None) -> None:
        """Tell the callbacks where training is."""
        self.record = self.told(point, record or self._record())

    def _record(self) -> Record:
        # Where nothing of the epoch is done, the rate that matters is that of the step to come.
        rate = self.rates(self.engine.step - (self.done > 0))
        logs = self.means.logs() if self.done else {}
        seconds = time.perf_counter() - self.began if self.done else 0.0
        examples = self.means.count if self.done else 0
        return Record(
            self.epoch, self.plan.epochs, self.done, self.steps, logs, seconds, rate, examples,
            lambda: self.model(self.engine.state().averaged().params),
        )  # fmt: skip

    def _begin_epoch(self) -> None:
        rows, first = length(self.x), self.engine.step - self.done
        shuffle = self.plan.shuffle
        self.order = epoch_order(rows, self.plan.seed, first) if shuffle else np.arange(rows)
        if not self.done:
            self.means, self.began = Means(), time.perf_counter()
            self.tell("on_epoch_begin")

    def _segment(self, most: int | None) -> None:
        """Some steps, at most so many."""
        started, size, step = time.perf_counter(), self.plan.batch_size, self.engine.step
        count = min(self.pace.steps, self.steps - self.done, most or self.steps)
        batches = [
            self.order[i * size : (i + 1) * size] for i in range(self.done, self.done + count)
        ]
        rates = [self.rates(step + i) for i in range(count)]
        measures = self.engine.run(self.x, self.y, batches, rates)
        if not measures.finite:
            seen = len(measures.losses)
            where = f"epoch {self.epoch + 1}, step {self.done + seen}"
            rows, loss = batches[seen - 1], measures.losses[-1]
            raise divergence(self.engine, self.x, self.y, rows, loss, where)
        self.means.add(measures.sizes, {"loss": measures.losses, **measures.metrics})
        self.done += count
        self.pace.took(count, time.perf_counter() - started)

    def _end_epoch(self, validate: Callable[[Tree], Mapping[str, float]] | None) -> None:
        logs = self.means.logs()
        if validate is not None:
            # With use_ema, training ends with the averages: they are what there is to judge.
            averages = self.rates.optimizer.use_ema
            params = self.engine.state().averaged().params if averages else self.engine.params
            found = sorted(validate(params).items())  # as Keras: accuracy before loss
            logs |= {f"val_{name}": value for name, value in found}
        self.tell("on_epoch_end", replace(self._record(), logs=logs))
        self.history.append(self.epoch, self.record.logs, self.record.seconds)
        self.epoch, self.done = self.epoch + 1, 0


def _memory(callback: Callback) -> dict[str, Any]:
    """What the callback remembers; raises if a checkpoint can't hold it."""
    get_state = callback.get_state()
    try:
        json.dumps(get_state, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise GlassnetError(
            f"its memory can't be written down ({error}).",
            where=type(callback).__name__,
            fix="Give JSON values: float(x) of a NumPy number, repr(x) where x may be NaN.",
        ) from error
    return get_state


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

    def __init__(self, callbacks: Sequence[Callback], engine: Engine, rates: Rates) -> None:
        self.callbacks, self.engine, self.rates = callbacks, engine, rates
        self.stopped = False
        self.kept: dict[int, State] = {}  # by the callback that asked
        self.restored: State | None = None

    def __call__(self, point: str, record: Record) -> Record:
        """The record, with the numbers that callbacks added to it."""
        for i, callback in enumerate(self.callbacks):
            request: Any = getattr(callback, point)(record)
            if request is None:
                continue
            if not isinstance(request, Request):
                what = f"{point} answers {request!r:.80}, and not a Request or None."
                raise GlassnetError(what, where=type(callback).__name__)
            self.stopped |= request.stop
            if request.keep:
                self.kept[i] = self.engine.state()
            if request.restore:
                self.restored = self.kept.get(i)
            if request.learning_rate is not None:
                self.rates.ask(request.learning_rate, type(callback).__name__)
            if taken := [name for name in TAKEN if name in request.logs]:
                what = f"asks for a number {taken[0]!r}, which every history has."
                raise GlassnetError(what, where=type(callback).__name__, fix="Name it otherwise.")
            if request.logs:
                record = replace(record, logs={**record.logs, **request.logs})
        return record

    def set_state(self, start: Position) -> None:
        """Let every callback take up what it remembered, and what it asked to be kept."""
        self.stopped, self.kept = start.stopped, dict(start.kept)
        for i, callback in enumerate(self.callbacks):
            try:
                callback.set_state(start.memories.get(i, {}))
            except (KeyError, TypeError, ValueError) as error:
                who = type(callback).__name__
                what = f"can't go on from what its checkpoint holds ({error!r})."
                raise GlassnetError(what, where=who) from error
