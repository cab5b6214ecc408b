"""`Rates`: the learning rate of each step, which callbacks may set."""

import math
from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.optimizers import Optimizer
from glassnet.optimizers.schedules import Schedule


class Rates:
    """The optimizer's learning rates. What a callback sets stays there, as in Keras.

    Except a rate of 0, which no optimizer has: it ends with the training.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer, self._first = optimizer, optimizer.learning_rate
        self._requested = False
        self._paused: object = None  # the optimizer's rate when a callback requested 0

    def __call__(self, step: int) -> float:
        """Return the learning rate of a step, counted from 0.

        Raises if a callback has replaced the schedule: a checkpoint could not repeat that.
        """
        rate = self.optimizer.learning_rate
        if rate is not self._first and (
            isinstance(rate, Schedule) or isinstance(self._first, Schedule)
        ):
            raise GlassnetError(
                "a schedule can't be set or replaced during training.",
                where="optimizer: learning_rate",
                fix="Set it before fit; during training, only a number can replace a number.",
            )
        return 0.0 if self._paused is rate else self.optimizer.rate(step)

    @property
    def changed(self) -> float | None:
        """The rate that a callback set; None if the rates are those that training began with."""
        rate = self.optimizer.learning_rate
        if isinstance(rate, Schedule) or not (self._requested or rate != self._first):
            return None
        return self(0)

    def set(self, rate: float, who: str) -> None:
        """Use this rate from now on. Raises if the optimizer has a schedule, as Keras does."""
        if isinstance(self.optimizer.learning_rate, Schedule):
            schedule = type(self.optimizer.learning_rate).__name__
            raise GlassnetError(
                f"requests a learning rate of {rate}, but {schedule} sets the learning rate.",
                where=who,
                fix="Give the optimizer a number; on the command line, use --schedule constant.",
            )
        if not 0 <= rate < math.inf:
            raise GlassnetError(f"requests an invalid learning rate of {rate}.", where=who)
        self._requested = True
        old: Any = self.optimizer.learning_rate
        # While the rate is paused it is another object: any that is set ends the pause.
        self.optimizer.set_learning_rate(float(rate) if rate else old + 0.0)
        self._paused = None if rate else self.optimizer.learning_rate
