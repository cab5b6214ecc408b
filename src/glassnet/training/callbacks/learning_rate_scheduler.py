"""A learning rate for each epoch, by a function."""

import inspect
from collections.abc import Callable

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.training.callbacks.base import Callback, Record, Request, say


class LearningRateScheduler(Callback):
    """Ask `schedule(epoch, rate)`, or `schedule(epoch)`, for the rate of each epoch, as in Keras.

    Epochs are counted from 0. The history gets each epoch's `learning_rate`. Raises where the
    optimizer has a schedule of its own.
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        self.schedule, self.verbose = schedule, verbose
        try:
            inspect.signature(schedule).bind(0, 0.1)
            self._takes_rate = True
        except TypeError:
            self._takes_rate = False

    def on_epoch_begin(self, record: Record) -> Request:
        told = (record.epoch, record.learning_rate) if self._takes_rate else (record.epoch,)
        rate = self.schedule(*told)
        if not isinstance(rate, float | np.floating):
            raise GlassnetError(
                f"schedule({', '.join(map(str, told))}) gave {rate!r}; it must give a float.",
                where="LearningRateScheduler",
            )
        if self.verbose:
            say(f"epoch {record.epoch + 1}: learning rate {rate:g}")
        return Request(learning_rate=float(rate))

    def on_epoch_end(self, record: Record) -> Request:
        return Request(logs={"learning_rate": record.learning_rate})
