"""The training loop over epochs: it orders the examples and passes segments of steps to an engine.

A segment is short (about 0.2 s), so that progress, Ctrl-C and callbacks can act between segments,
but long enough for an engine to compile it or to run asynchronously.
"""

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree
from glassnet.engines.state import Engine, State
from glassnet.optimizers import Optimizer
from glassnet.training.callbacks import Callback, Record
from glassnet.training.callbacks.base import Snapshot, no_model, saved_state
from glassnet.training.callbacks.callback_list import CallbackList
from glassnet.training.divergence import divergence
from glassnet.training.history import History
from glassnet.training.learning_rate import Rates
from glassnet.training.running_means import Means
from glassnet.training.source import Source
from glassnet.training.validation import Validation

SEGMENT_SECONDS = 0.2
LONGEST_SECONDS = 2.0  # of a segment, if an engine needs many steps to be efficient


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
    source: Source,
    *,
    validation: Validation | None = None,
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
    training = _Training(engine, Rates(optimizer), source, model, publish, callbacks, stopped)
    if start is None:
        training.notify("on_train_begin")
    else:
        training.resume(start)
    training.run(validation, interrupted, backup)
    training.notify("on_train_end", training.record)
    return training.callbacks.restored or engine.state(), training.history


class _Training:
    """A training in progress."""

    def __init__(
        self,
        engine: Engine,
        rates: Rates,
        source: Source,
        model: Callable[[Tree], Snapshot],
        publish: Callable[[Tree], None],
        callbacks: Sequence[Callback],
        stopped: Callable[[], bool],
    ) -> None:
        self.model, self.publish = model, publish
        self.engine, self.rates, self.source, self.plan = engine, rates, source, source.plan
        self.epoch = self.plan.initial_epoch
        self.means, self.history = Means(), History()
        self.callbacks = CallbackList(callbacks, engine.state, rates.set, stopped)
        self.each_step = self.callbacks.defines("on_train_batch_begin", "on_train_batch_end")
        self.pace = _Pace(engine.least_steps)
        self.epoch_start = time.perf_counter()

    def resume(self, start: Position) -> None:
        """Continue from a position of an interrupted training."""
        steps = self.source.expected
        if steps and start.step >= steps:  # at the end of an epoch, a position is at the next one
            raise GlassnetError(
                f"is at step {start.step} of an epoch of {steps} steps.",
                where="the checkpoint",
                fix="Remove it to train from the beginning.",
            )
        self.engine.load(start.state)
        self.publish(start.state.averaged().params)
        self.epoch = start.epoch
        epochs = start.epoch - self.plan.initial_epoch
        self.source.resume(epochs, start.step, start.state.step)
        self.means, self.history = start.means, start.history
        if start.learning_rate is not None:
            self.rates.set(start.learning_rate, "the checkpoint")
        self.epoch_start = time.perf_counter() - start.seconds
        self.notify("on_train_begin")
        self.callbacks.restore(start.stopped, start.saved_states, start.callback_states)

    def run(
        self,
        validation: Validation | None,
        interrupted: Callable[[], bool],
        backup: Backup | None,
    ) -> None:
        """Run the remaining epochs, until a callback or `interrupted` stops them."""
        while self.epoch < self.plan.epochs and not (self.callbacks.stopped or interrupted()):
            if not self._begin_epoch():
                break
            while not self.source.ended:
                self._segment(backup.steps_left(self.engine.step) if backup else None)
                self.notify("on_segment_end")
                if self.callbacks.stopped or self.source.ended:
                    break
                stop = interrupted()
                if backup and (stop or backup.due(self.engine.step, epoch_ends=False)):
                    backup.write(self.position())
                if stop:
                    return
            self._end_epoch(validation)
            end = self.callbacks.stopped or self.epoch == self.plan.epochs or interrupted()
            if backup and (end or backup.due(self.engine.step, epoch_ends=True)):
                backup.write(self.position())

    def position(self) -> Position:
        """Return a copy of the current position."""
        return Position(
            self.engine.state(),
            self.epoch,
            self.source.done,
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
        done = self.source.done
        rate = self.rates(self.engine.step - (done > 0))
        logs = self.means.logs() if done else {}
        seconds = time.perf_counter() - self.epoch_start if done else 0.0
        read_all = done and self.source.expected is None and self.source.ended
        steps = done if read_all else self.source.steps or 0
        examples = self.means.count if done else 0
        return Record(
            self.epoch, self.plan.epochs, done, steps, logs, seconds, rate, examples,
            lambda: self.model(self.engine.state().averaged().params),
        )  # fmt: skip

    def _begin_epoch(self) -> bool:
        """Begin an epoch, unless it is resumed in the middle; False if no data are left."""
        if self.source.done:
            return True
        if not self.source.begin_epoch(self.engine.step):
            _warn(f"has no batches for epoch {self.epoch + 1}: training ends here.")
            return False
        self.means, self.epoch_start = Means(), time.perf_counter()
        self.notify("on_epoch_begin")
        return True

    def _segment(self, most: int | None) -> None:
        """Run a segment of at most this many steps."""
        start, step = time.perf_counter(), self.engine.step
        if self.each_step:
            self.notify("on_train_batch_begin")
        segment = self.source.take(1 if self.each_step else min(self.pace.steps, most or 2**31))
        count = len(segment.batches)
        rates = [self.rates(step + i) for i in range(count)]
        measures = self.engine.run(segment.x, segment.y, segment.batches, rates)
        if not measures.finite:
            steps = len(measures.losses)
            where = f"epoch {self.epoch + 1}, step {self.source.done - count + steps}"
            rows, loss = segment.batches[steps - 1], measures.losses[-1]
            frozen = self.source.features
            raise divergence(self.engine, segment.x, segment.y, rows, loss, where, frozen)
        self.means.add(measures.sizes, {"loss": measures.losses, **measures.metrics})
        self.pace.update(count, time.perf_counter() - start)
        if self.each_step:
            self.publish(self.engine.params)
            self.notify("on_train_batch_end")

    def _end_epoch(self, validation: Validation | None) -> None:
        done, steps = self.source.done, self.source.expected or 0
        if done < steps and not self.callbacks.stopped:
            what = f"ended after step {done} of {steps} in epoch {self.epoch + 1}."
            _warn(what, self.source.once)
        self.source.tell("on_epoch_end")
        logs = self.means.logs()
        # With use_ema, training ends with the averages, so the averages are evaluated.
        averages = self.rates.optimizer.use_ema
        params = self.engine.state().averaged().params if averages else self.engine.params
        self.publish(params)
        validated = validation is None or validation.due(self.epoch)
        if validation is not None and validated:
            logs |= validation.logs(params, self.callbacks)
        record = replace(self._record(), logs=logs, validated=validated)
        self.notify("on_epoch_end", record)
        self.history.append(self.epoch, self.record.logs, self.record.seconds)
        self.epoch, self.source.done = self.epoch + 1, 0


def _warn(what: str, once: bool = True) -> None:
    advice = "An epoch ends with the pass over the data."
    if once:
        advice = "Data that are read again in each epoch have __iter__ or are a PyDataset."
    warnings.warn(f"x {what} {advice}", stacklevel=8)  # the line that calls `fit`


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
