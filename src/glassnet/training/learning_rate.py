"""`Rates`: the learning rate of each step, set by the optimizer or by a callback."""

import math

from glassnet.core.errors import GlassnetError
from glassnet.optimizers import Optimizer
from glassnet.optimizers.schedules import Schedule


class Rates:
    """The optimizer's learning rates, until a callback sets another one."""

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self.override: float | None = None

    def __call__(self, step: int) -> float:
        """Return the learning rate of a step, counted from 0."""
        return self.optimizer.rate(step) if self.override is None else self.override

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
        self.override = float(rate)
