"""What may watch training, and the little that it may ask for.

A callback is told what happened in an immutable record. What it wants goes back as a `Request`:
there is no other way to reach into training, so that a resumed run can repeat it exactly.
"""

import inspect
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from glassnet.errors import GlassnetError, unknown


@dataclass(frozen=True)
class Record:
    """Where training is. Epochs and steps are counted from 0; logs hold the latest numbers."""

    epoch: int
    epochs: int
    step: int = 0  # steps done in this epoch
    steps: int = 0  # steps in an epoch
    logs: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0  # since the epoch began


@dataclass(frozen=True)
class Request:
    """What a callback asks for: stop; keep these weights; put the kept weights back."""

    stop: bool = False
    keep: bool = False
    restore: bool = False


class Callback:
    """Does nothing at every point; override what you need."""

    def on_train_begin(self, record: Record) -> Request | None:
        """Before the first epoch."""

    def on_epoch_begin(self, record: Record) -> Request | None:
        """Before an epoch's first step."""

    def on_segment_end(self, record: Record) -> Request | None:
        """After each segment of steps, a few times a second."""

    def on_epoch_end(self, record: Record) -> Request | None:
        """After an epoch and its validation."""

    def on_train_end(self, record: Record) -> Request | None:
        """After the last epoch, also when stopped early."""


POINTS = tuple(name for name in vars(Callback) if name.startswith("on_"))


def checked_callbacks(callbacks: Callback | Sequence[Callback] | None) -> list[Callback]:
    """The callbacks as a list; raises where one is written for Keras, and would see nothing."""
    found = [*callbacks] if isinstance(callbacks, Sequence) else [callbacks] if callbacks else []
    for callback in found:
        name = type(callback).__name__
        if not isinstance(callback, Callback):
            raise GlassnetError(
                f"{name} is not a glassnet callback.",
                where="callbacks",
                fix="Write class Mine(glassnet.Callback) with on_epoch_end(self, record).",
            )
        for point in dir(callback):
            if not point.startswith("on_"):
                continue
            if point not in POINTS:
                raise unknown("method", point, POINTS, where=f"callback {name}")
            _told_a_record(getattr(callback, point), f"callback {name}", point)
    return found


def _told_a_record(method: Any, where: str, point: str) -> None:
    names = list(inspect.signature(method).parameters)
    if len(names) != 1 or names[0] in ("epoch", "logs"):
        raise GlassnetError(
            f"{point}({', '.join(['self', *names])}) is Keras's way; here it gets one record.",
            where=where,
            fix=f"Write {point}(self, record): it has record.epoch, record.logs, record.step.",
        )


# How the names of numbers end that are better when larger.
RISING = ("acc", "accuracy", "auc", "precision", "recall", "f1", "f1_score")


class EarlyStopping(Callback):
    """Stop when a number has not got better for `patience` epochs. Arguments as in Keras.

    With `restore_best_weights`, training ends with the weights of the best epoch, as in Keras also
    when it ran to the last one.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        if mode not in (modes := ("auto", "min", "max")):
            raise unknown("mode", mode, modes, where="EarlyStopping")
        if patience < 0:
            raise GlassnetError(f"patience must be ≥ 0, got {patience}.", where="EarlyStopping")
        up = mode == "max" or (mode == "auto" and monitor.endswith(RISING))
        self.verbose = verbose
        self.monitor, self.min_delta, self.patience = monitor, abs(min_delta), patience
        self.baseline, self.start_from_epoch = baseline, start_from_epoch
        self.restore_best_weights = restore_best_weights
        self.mode = "max" if up else "min"
        self._sign = -1.0 if up else 1.0  # so that smaller is better
        self._begin()

    def _begin(self) -> None:
        self.best, self.best_epoch, self.stopped_epoch, self._wait = math.inf * self._sign, 0, 0, 0

    def on_train_begin(self, record: Record) -> None:
        self._begin()

    def on_epoch_end(self, record: Record) -> Request | None:
        if self.monitor not in record.logs:
            raise GlassnetError(
                f"there is no {self.monitor!r} to watch; there are {', '.join(record.logs)}.",
                where="EarlyStopping",
                fix="Give fit a validation_split or validation_data, or watch another number.",
            )
        if record.epoch < self.start_from_epoch:
            return None
        current = record.logs[self.monitor]
        self._wait += 1
        if self._better(current, self.best):
            self.best, self.best_epoch = current, record.epoch
            if self.baseline is None or self._better(current, self.baseline):
                self._wait = 0
            return Request(keep=self.restore_best_weights)
        stop = self._wait >= self.patience and record.epoch > 0
        if stop:
            self.stopped_epoch = record.epoch
            if self.verbose:
                sys.stderr.write(f"epoch {record.epoch + 1}: early stopping\n")
        return Request(stop=stop)

    def on_train_end(self, record: Record) -> Request | None:
        return Request(restore=self.restore_best_weights)

    def _better(self, value: float, than: float) -> bool:
        return self._sign * (than - value) > self.min_delta
