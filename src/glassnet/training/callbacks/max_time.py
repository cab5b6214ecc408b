"""`MaxTime`: stops training after a time limit."""

import math
import re
import time
from collections.abc import Mapping
from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.core.terminal import say
from glassnet.training.callbacks.base import Callback, Record, Request, restored_value


class MaxTime(Callback):
    """Stop after this time: a number of seconds, or a string such as "90s", "10m" or "1h30m".

    The epoch ends after the current segment of steps: it is shorter than the others, and is
    validated as it is. A resumed training has the remaining time.
    """

    def __init__(self, limit: float | str) -> None:
        self.limit = seconds_of(limit)
        self.ended: str | None = None  # where it stopped training, if it did
        self._start, self._before = time.monotonic(), 0.0  # seconds before an interruption

    def on_train_begin(self, record: Record) -> None:
        self._start, self._before, self.ended = time.monotonic(), 0.0, None

    def on_segment_end(self, record: Record) -> Request | None:
        if record.step == record.steps:  # the epoch is validated and reported first
            return None
        return self._over(
            f"epoch {record.epoch + 1} of {record.epochs} stops at step {record.step} of "
            f"{record.steps}"
        )

    def on_epoch_end(self, record: Record) -> Request | None:
        if record.step < record.steps or record.epoch + 1 == record.epochs:
            return None
        return self._over(f"training stops after epoch {record.epoch + 1} of {record.epochs}")

    def _over(self, message: str) -> Request | None:
        if self._elapsed() < self.limit:
            return None
        self.ended = message
        say(f"time is up: {message}")
        return Request(stop=True)

    def _elapsed(self) -> float:
        return self._before + time.monotonic() - self._start

    def get_state(self) -> dict[str, Any]:
        return {"seconds": self._elapsed(), "ended": self.ended}

    def set_state(self, state: Mapping[str, Any]) -> None:
        self._start, self._before = time.monotonic(), restored_value(state, "seconds", float)
        self.ended = restored_value(state, "ended", str, type(None))


def seconds_of(limit: float | str) -> float:
    """Return the seconds of a number, or of a string such as 90s, 10m, 1h30m."""
    try:
        total = _read(limit) if isinstance(limit, str) else float(limit)
    except (TypeError, ValueError, OverflowError):
        total = math.nan
    if not 0 < total < math.inf:
        raise GlassnetError(
            f"{limit!r} is not a valid time.", where="MaxTime", fix="Write 90s, 10m, 1h or 1h30m."
        )
    return total


def _read(text: str) -> float:
    number = r"(\d+(?:\.\d+)?)"
    match = re.fullmatch(f"(?:{number}h)?(?:{number}m)?(?:{number}s?)?", text.strip())
    if match is None:
        return math.nan
    hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return 3600 * hours + 60 * minutes + seconds
