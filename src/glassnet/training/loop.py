"""The training loop over epochs: it orders the examples and passes segments of steps to an engine.

A segment is short (about 0.2 s), so that progress, Ctrl-C and callbacks can act between segments,
but long enough for an engine to compile it or to run asynchronously.
"""

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
from glassnet.training.callbacks.base import Snapshot, no_model, saved_state
from glassnet.training.divergence import divergence
from glassnet.training.learning_rate import Rates
from glassnet.training.running_means import Means

SEGMENT_SECONDS = 0.2
RESERVED = ("epoch", "seconds")  # columns of every history; logs can't have these names
LONGEST_SECONDS = 2.0  # of a segment, if an engine needs many steps to be efficient


@dataclass
class History:
    """Loss and metrics of each epoch: `history` maps each name to a list, as in Keras."""

    epoch: list[int] = field(default_factory=list)
    history: dict[str, list[float]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    def append(self, epoch: int, logs: Mapping[str, float], seconds: float) -> None:
        """Add an epoch; where an epoch lacks a number that others have, it is NaN."""
        for name in {**self.history, **logs}:
            before = [math.nan] * len(self.epoch)
            self.history.setdefault(name, before).append(logs.get(name, math.nan))
        self.epoch.append(epoch)
        self.seconds.append(seconds)

    def rows(self) -> Iterator[tuple[int, dict[str, float], float]]:
        """Yield (epoch, logs, seconds) of each epoch."""
        for i, epoch in enumerate(self.epoch):
            logs = {name: values[i] for name, values in self.history.items()}
            yield epoch, logs, self.seconds[i]


@dataclass(frozen=True)
class Plan:
    """The number of epochs, the batch size and the order of the examples."""

    epochs: int
    batch_size: int
    shuffle: bool = True
    seed: int = 0
    initial_epoch: int = 0


@dataclass(frozen=True)
class Position:
    """The position of a training between two segments: everything needed to resume it there."""

    state: State
    epoch: int  # the current epoch; the next one if none of its steps is done
    step: int = 0  # steps done in this epoch
    seconds: float = 0.0  # that these steps took
    means: Means = field(default_factory=Means)  # over these steps
    history: History = field(default_factory=History)
    learning_rate: float | None = None  # requested by a callback
    stopped: bool = False  # True if a callback requested it
    saved_states: Mapping[int, State] = field(default_factory=dict)  # by the callback's index
    callback_states: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)  # likewise


class Backup(Protocol):
    """Writes positions to a file, from which another process can resume the training."""

    def steps_left(self, step: int) -> int | None:
        """Return in how many steps after this one a backup is due; None if at any step."""

    def due(self, step: int, epoch_ends: bool) -> bool:
        """True if a backup is due after this many steps of training."""

    def write(self, position: Position) -> None:
        """Write the position."""


def train(
    engine: Engine,
    optimizer: Optimizer,
    x: Array,
    y: Array,
    plan: Plan,
    *,
    validate: Callable[[Tree], Mapping[str, float]] | None = None,
    model: Callable[[Tree], Snapshot] = lambda params: no_model(),
    publish: Callable[[Tree], None] = lambda params: None,
    callbacks: Sequence[Callback] = (),
    stopped: Callable[[], bool] = lambda: False,
    interrupted: Callable[[], bool] = lambda: False,
    backup: Backup | None = None,
    start: Position | None = None,
) -> tuple[State, History]:
    """Train for all epochs, or until a callback stops; return the last (or restored) state.

    `stopped` is called after each callback; True is the same as a request to stop. `interrupted`
    is called after each segment; if it returns True, training ends there as if a callback had
    stopped it. Raises DivergenceError before a step whose loss or gradients are non-finite; the
    engine stays at the step before. `model` returns the model with these weights, for callbacks;
    `publish` gets those of each epoch's end. A resumed training ends exactly as without a break.
    """
    training = _Training(engine, Rates(optimizer), x, y, plan, model, publish, callbacks, stopped)
    if start is None:
        training.notify("on_train_begin")
    else:
        training.resume(start)
    training.run(validate, interrupted, backup)
    training.notify("on_train_end", training.record)
    return training.callbacks.restored or engine.state(), training.history


class _Training:
    """A training in progress."""

    def __init__(
        self,
        engine: Engine,
        rates: Rates,
        x: Array,
        y: Array,
        plan: Plan,
        model: Callable[[Tree], Snapshot],
        publish: Callable[[Tree], None],
        callbacks: Sequence[Callback],
        stopped: Callable[[], bool],
    ) -> None:
        self.model, self.publish = model, publish
        self.engine, self.rates, self.x, self.y, self.plan = engine, rates, x, y, plan
        self.steps = -(-length(x) // plan.batch_size)
        self.epoch, self.done = plan.initial_epoch, 0
        self.means, self.history = Means(), History()
        self.callbacks = Callbacks(callbacks, engine.state, rates.set, stopped)
        self.pace = _Pace(engine.least_steps)
        self.epoch_start = time.perf_counter()
        self.order = np.arange(0)  # of the epoch's rows

    def resume(self, start: Position) -> None:
        """Continue from a position of an interrupted training."""
        if start.step >= self.steps:  # at the end of an epoch, a position is at step 0 of the next
            raise GlassnetError(
                f"is at step {start.step} of an epoch of {self.steps} steps.",
                where="the checkpoint",
                fix="Remove it to train from the beginning.",
            )
        self.engine.load(start.state)
        self.publish(start.state.averaged().params)
        self.epoch, self.done = start.epoch, start.step
        self.means, self.history = start.means, start.history
        if start.learning_rate is not None:
            self.rates.set(start.learning_rate, "the checkpoint")
        self.epoch_start = time.perf_counter() - start.seconds
        self.notify("on_train_begin")
        self.callbacks.set_state(start)

    def run(
        self,
        validate: Callable[[Tree], Mapping[str, float]] | None,
        interrupted: Callable[[], bool],
        backup: Backup | None,
    ) -> None:
        """Run the remaining epochs, until a callback or `interrupted` stops them."""
        while self.epoch < self.plan.epochs and not (self.callbacks.stopped or interrupted()):
            self._begin_epoch()
            while self.done < self.steps:
                self._segment(backup.steps_left(self.engine.step) if backup else None)
                self.notify("on_segment_end")
                if self.done == self.steps or self.callbacks.stopped:
                    break
                stop = interrupted()
                if backup and (stop or backup.due(self.engine.step, epoch_ends=False)):
                    backup.write(self.position())
                if stop:
                    return
            self._end_epoch(validate)
            end = self.callbacks.stopped or self.epoch == self.plan.epochs or interrupted()
            if backup and (end or backup.due(self.engine.step, epoch_ends=True)):
                backup.write(self.position())

    def position(self) -> Position:
        """Return a copy of the current position."""
        return Position(
            self.engine.state(),
            self.epoch,
            self.done,
            time.perf_counter() - self.epoch_start,
            deepcopy(self.means),
            deepcopy(self.history),
            self.rates.changed,
            self.callbacks.stopped,
            dict(self.callbacks.saved_states),
            {i: saved_state(callback) for i, callback in enumerate(self.callbacks.callbacks)},
        )

    def notify(self, point: str, record: Record | None = None) -> None:
        """Call this method of all callbacks with a record of the training."""
        self.record = self.callbacks(point, record or self._record())

    def _record(self) -> Record:
        # Before the first step of an epoch, the record has the learning rate of the next step.
        rate = self.rates(self.engine.step - (self.done > 0))
        logs = self.means.logs() if self.done else {}
        seconds = time.perf_counter() - self.epoch_start if self.done else 0.0
        examples = self.means.count if self.done else 0
        return Record(
            self.epoch, self.plan.epochs, self.done, self.steps, logs, seconds, rate, examples,
            lambda: self.model(self.engine.state().averaged().params),
        )  # fmt: skip

    def _begin_epoch(self) -> None:
        rows, first, plan = length(self.x), self.engine.step - self.done, self.plan
        self.order = epoch_order(rows, plan.seed, first) if plan.shuffle else np.arange(rows)
        if not self.done:
            self.means, self.epoch_start = Means(), time.perf_counter()
            self.notify("on_epoch_begin")

    def _segment(self, most: int | None) -> None:
        """Run a segment of at most this many steps."""
        start, size, step = time.perf_counter(), self.plan.batch_size, self.engine.step
        count = min(self.pace.steps, self.steps - self.done, most or self.steps)
        batches = [
            self.order[i * size : (i + 1) * size] for i in range(self.done, self.done + count)
        ]
        rates = [self.rates(step + i) for i in range(count)]
        measures = self.engine.run(self.x, self.y, batches, rates)
        if not measures.finite:
            steps = len(measures.losses)
            where = f"epoch {self.epoch + 1}, step {self.done + steps}"
            rows, loss = batches[steps - 1], measures.losses[-1]
            raise divergence(self.engine, self.x, self.y, rows, loss, where)
        self.means.add(measures.sizes, {"loss": measures.losses, **measures.metrics})
        self.done += count
        self.pace.update(count, time.perf_counter() - start)

    def _end_epoch(self, validate: Callable[[Tree], Mapping[str, float]] | None) -> None:
        logs = self.means.logs()
        # With use_ema, training ends with the averages, so the averages are evaluated.
        averages = self.rates.optimizer.use_ema
        params = self.engine.state().averaged().params if averages else self.engine.params
        self.publish(params)
        if validate is not None:
            val_logs = sorted(validate(params).items())  # as Keras: accuracy before loss
            logs |= {f"val_{name}": value for name, value in val_logs}
        self.notify("on_epoch_end", replace(self._record(), logs=logs))
        self.history.append(self.epoch, self.record.logs, self.record.seconds)
        self.epoch, self.done = self.epoch + 1, 0


@dataclass
class _Pace:
    """The number of steps in a segment: 1 at first, then as many as take SEGMENT_SECONDS."""

    least: int
    steps: int = 1

    def update(self, steps: int, seconds: float) -> None:
        """Adapt to the duration of the last segment."""
        rate = steps / max(seconds, 1e-6)
        target = max(int(rate * SEGMENT_SECONDS), min(self.least, int(rate * LONGEST_SECONDS)))
        # The last segment of an epoch is short, and no measure of how long a longer one takes.
        if steps == self.steps or target < self.steps:
            self.steps = max(1, min(4 * self.steps, target))


@dataclass
class Callbacks:
    """Calls all callbacks, and collects their requests.

    `state` returns the state to keep, `set_rate` takes (learning rate, name of the callback), and
    `stop_requested` is True if a callback stopped training by an attribute of the model.
    """

    callbacks: Sequence[Callback]
    state: Callable[[], Any]
    set_rate: Callable[[float, str], None]
    stop_requested: Callable[[], bool] = lambda: False
    stopped: bool = False
    saved_states: dict[int, Any] = field(default_factory=dict)  # by the index of the callback
    restored: Any = None

    def __call__(self, point: str, record: Record) -> Record:
        """Call this method of all callbacks; return the record, with the logs that they added."""
        for i, callback in enumerate(self.callbacks):
            request: Any = getattr(callback, point)(record)
            self.stopped |= self.stop_requested()
            if request is None:
                continue
            if not isinstance(request, Request):
                what = f"{point} returned {request!r:.80} instead of a Request or None."
                raise GlassnetError(what, where=type(callback).__name__)
            self.stopped |= request.stop
            if request.keep:
                self.saved_states[i] = self.state()
            if request.restore:
                self.restored = self.saved_states.get(i)
            if request.learning_rate is not None:
                self.set_rate(request.learning_rate, type(callback).__name__)
            if reserved := [name for name in RESERVED if name in request.logs]:
                what = f"adds {reserved[0]!r} to the logs, a name that every history has already."
                raise GlassnetError(what, where=type(callback).__name__, fix="Use another name.")
            if request.logs:
                record = replace(record, logs={**record.logs, **request.logs})
        return record

    def set_state(self, start: Position) -> None:
        """Restore the state of every callback, and the weights that it requested to keep."""
        self.stopped, self.saved_states = start.stopped, dict(start.saved_states)
        for i, callback in enumerate(self.callbacks):
            try:
                callback.set_state(start.callback_states.get(i, {}))
            except (KeyError, TypeError, ValueError) as error:
                what = f"can't restore its state from the checkpoint ({error!r})."
                raise GlassnetError(what, where=type(callback).__name__) from error
