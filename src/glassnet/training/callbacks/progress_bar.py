"""What a person sees while training: a row an epoch, and a bar for the whole of it."""

import time
from collections.abc import Mapping
from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.training.callbacks import Callback, Record
from glassnet.training.callbacks.terminals import Surface, surface

REDRAW = 0.1  # seconds from one drawing of the bar to the next


class Progress(Callback):
    """Writes a row after each epoch, and where a line can be drawn over, a bar in between."""

    def __init__(self, to: Surface | None = None, live: bool = True) -> None:
        self._to = to or surface()
        self._live = live and self._to.live
        self._drawn = 0.0
        self._began, self._first = time.perf_counter(), 0.0
        self._speed = 0.0  # examples a second in this epoch, validation left out
        self._best = (float("inf"), 0)  # lowest validation loss, its epoch from 1

    def on_train_begin(self, record: Record) -> None:
        self._began, self._first = time.perf_counter(), _done(record)
        self._best = (float("inf"), 0)

    def on_segment_end(self, record: Record) -> None:
        self._speed = record.examples / max(record.seconds, 1e-9)
        now = time.perf_counter()
        if not self._live or now - self._drawn < REDRAW:
            return
        self._drawn = now
        parts = [f"epoch {record.epoch + 1}/{record.epochs}", self._left(record)]
        parts += [*numbers(record), f"{self._speed:,.0f} examples/s"]
        if self._best[1]:
            parts.append(f"best epoch {self._best[1]}")
        self._to.draw(_done(record) / record.epochs, parts)

    def on_epoch_end(self, record: Record) -> None:
        parts = [f"epoch {record.epoch + 1:{len(str(record.epochs))}}/{record.epochs}"]
        parts += numbers(record)
        if record.logs.get("val_loss", float("inf")) < self._best[0]:
            self._best = record.logs["val_loss"], record.epoch + 1
            parts.append("best so far")
        parts += [f"{record.seconds:.1f} s", f"{self._speed:,.0f} examples/s"]
        if not self._live and record.epoch + 1 < record.epochs:
            parts.append(self._left(record))
        self._to.row(parts)

    def on_train_end(self, record: Record) -> None:
        self._to.wipe()

    def get_state(self) -> dict[str, Any]:
        return {"best": repr(self._best[0]), "epoch": self._best[1]}

    def set_state(self, state: Mapping[str, Any]) -> None:
        if state:  # whoever resumes may want to see more than before
            self._best = float(state["best"]), state["epoch"]

    def _left(self, record: Record) -> str:
        done = _done(record)
        pace = (time.perf_counter() - self._began) / max(done - self._first, 1e-9)
        return f"{duration(pace * (record.epochs - done))} left"


def shown(verbose: str | int) -> list[Callback]:
    """What `fit` shows, as in Keras: 0 nothing, 1 or "auto" rows and a bar, 2 rows."""
    if verbose not in ("auto", 0, 1, 2):
        raise GlassnetError(f'must be "auto", 0, 1 or 2, got {verbose!r}.', where="verbose")
    return [Progress(live=verbose != 2)] if verbose else []


def numbers(record: Record) -> list[str]:
    """The record's logs."""
    return [
        f"{name} {value:.4f}" if abs(value) >= 0.01 or not value else f"{name} {value:.3g}"
        for name, value in record.logs.items()
    ]


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def _done(record: Record) -> float:
    """Epochs done."""
    return record.epoch + record.step / max(record.steps, 1)
