"""`Progress`: shows training as one row per epoch and a progress bar."""

import time
from collections.abc import Mapping
from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.training.callbacks import Callback, Record
from glassnet.training.callbacks.terminals import Surface, surface

REDRAW = 0.1  # seconds between two updates of the bar


class Progress(Callback):
    """Write a row after each epoch and, if the output is live, a progress bar in between."""

    def __init__(self, to: Surface | None = None, live: bool = True) -> None:
        self._to = to or surface(live)
        self._live = live and self._to.live
        self._last_draw = 0.0
        self._start = self._warm_start = (time.perf_counter(), 0.0)  # time, epochs done
        self._speed = 0.0  # examples per second in this epoch, without validation
        self._best = (float("inf"), 0)  # lowest validation loss, and its epoch counted from 1

    def on_train_begin(self, record: Record) -> None:
        self._start = self._warm_start = (time.perf_counter(), _epochs_done(record))
        self._best = (float("inf"), 0)

    def on_segment_end(self, record: Record) -> None:
        self._speed = record.examples / max(record.seconds, 1e-9)
        now = time.perf_counter()
        if self._warm_start == self._start:  # engines compile in the first segment
            self._warm_start = (now, _epochs_done(record))
        if not self._live or now - self._last_draw < REDRAW:
            return
        self._last_draw = now
        parts = [f"epoch {record.epoch + 1}/{record.epochs}", self._left(record)]
        parts += [*numbers(record), f"{self._speed:,.0f} examples/s"]
        if self._best[1]:
            parts.append(f"best epoch {self._best[1]}")
        self._to.draw(_epochs_done(record) / record.epochs, parts)

    def on_epoch_end(self, record: Record) -> None:
        parts = [f"epoch {record.epoch + 1:{len(str(record.epochs))}}/{record.epochs}"]
        parts += numbers(record)
        if record.logs.get("val_loss", float("inf")) < self._best[0]:
            self._best = record.logs["val_loss"], record.epoch + 1
            parts.append("best so far")
        parts += [f"{record.seconds:.1f} s", f"{self._speed:,.0f} examples/s"]
        if not self._live and record.epoch + 1 < record.epochs and record.step == record.steps:
            parts.append(self._left(record))
        self._to.row(parts)

    def release(self) -> None:
        self._to.wipe()

    def get_state(self) -> dict[str, Any]:
        return {"best": repr(self._best[0]), "epoch": self._best[1]}

    def set_state(self, state: Mapping[str, Any]) -> None:
        if state:  # empty if the interrupted training showed no progress
            self._best = float(state["best"]), state["epoch"]

    def _left(self, record: Record) -> str:
        done = _epochs_done(record)
        start, first = self._warm_start if done > self._warm_start[1] else self._start
        pace = (time.perf_counter() - start) / max(done - first, 1e-9)
        return f"{duration(pace * (record.epochs - done))} left"


def progress_callbacks(verbose: str | int) -> list[Callback]:
    """Return the callbacks for `verbose`, as in Keras: 0 none, 1 or "auto" rows and bar, 2 rows."""
    if verbose not in ("auto", 0, 1, 2):
        raise GlassnetError(f'must be "auto", 0, 1 or 2, got {verbose!r}.', where="verbose")
    return [Progress(live=verbose != 2)] if verbose else []


def numbers(record: Record) -> list[str]:
    """Return the record's logs as text."""
    return [
        f"{name} {value:.4f}" if abs(value) >= 0.01 or not value else f"{name} {value:.3g}"
        for name, value in record.logs.items()
    ]


def duration(seconds: float) -> str:
    """Return a duration as text: "90 s", "10 min" or "1 h 05 min"."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def _epochs_done(record: Record) -> float:
    """Return the number of epochs done, as a fraction if the steps of an epoch are known."""
    return record.epoch + (min(record.step / record.steps, 1.0) if record.steps else 0.0)
