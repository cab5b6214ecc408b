"""Run callbacks on prepared logs, epoch by epoch."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from glassnet.training.callbacks import Callback, Record, Request


def rates(callback: Callback, epochs: Sequence[Mapping[str, float]], rate: float) -> list[float]:
    """Return the learning rate of each epoch, as the loop would set it."""
    found = []
    record = Record(0, len(epochs), learning_rate=rate)
    rate = asked(callback.on_train_begin(record), rate)
    for epoch, logs in enumerate(epochs):
        record = Record(epoch, len(epochs), learning_rate=rate)
        rate = asked(callback.on_epoch_begin(record), rate)
        found.append(rate)
        ended = replace(record, learning_rate=rate, logs=logs)
        rate = asked(callback.on_epoch_end(ended), rate)
    return found


def asked(request: Request | None, rate: float) -> float:
    """Return the learning rate after a request."""
    return rate if request is None or request.learning_rate is None else request.learning_rate


def copied(get_state: dict[str, Any]) -> Any:
    """Return a callback's state as read back from a file."""
    return json.loads(json.dumps(get_state, allow_nan=False))
