"""The learning rate of each step."""

import math

from glassnet.core.errors import GlassnetError
from glassnet.optimizers import Optimizer
from glassnet.optimizers.schedules import Schedule


class Rates:
    """The optimizer's rates, until a callback asks for another one."""

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self.asked: float | None = None

    def __call__(self, step: int) -> float:
        """The rate of a step, counted from 0."""
        return self.optimizer.rate(step) if self.asked is None else self.asked

    def ask(self, rate: float, who: str) -> None:
        """Take this rate from now on. Raises where there is a schedule, as Keras does."""
        if isinstance(self.optimizer.learning_rate, Schedule):
            schedule = type(self.optimizer.learning_rate).__name__
            raise GlassnetError(
                f"asks for a learning rate of {rate}, but {schedule} sets it.",
                where=who,
                fix="Give the optimizer a number, or on the command line --schedule constant.",
            )
        if not 0 <= rate < math.inf:
            raise GlassnetError(f"asks for a learning rate of {rate}.", where=who)
        self.asked = float(rate)
