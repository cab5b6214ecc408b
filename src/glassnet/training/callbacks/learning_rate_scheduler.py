"""`LearningRateScheduler`: sets the learning rate of each epoch by a function."""

import inspect
from collections.abc import Callable

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.terminal import say
from glassnet.training.callbacks.base import Callback, Record, Request


class LearningRateScheduler(Callback):
    """Set the rate of each epoch to `schedule(epoch, rate)` or `schedule(epoch)`, as in Keras.

    Epochs are counted from 0. The `learning_rate` of each epoch is added to the history. Raises if
    the optimizer has its own schedule.
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        self.schedule, self.verbose = schedule, verbose
        try:
            inspect.signature(schedule).bind(0, 0.1)
            self._takes_rate = True
        except TypeError:
            self._takes_rate = False

    def on_epoch_begin(self, record: Record) -> Request:
        arguments = (record.epoch, record.learning_rate) if self._takes_rate else (record.epoch,)
        rate = self.schedule(*arguments)
        if not isinstance(rate, float | np.floating):
            raise GlassnetError(
                f"schedule({', '.join(map(str, arguments))}) must return a float, got {rate!r}.",
                where="LearningRateScheduler",
            )
        if self.verbose:
            say(f"epoch {record.epoch + 1}: learning rate {rate:g}")
        return Request(learning_rate=float(rate))

    def on_epoch_end(self, record: Record) -> Request:
        return Request(logs={"learning_rate": record.learning_rate})
