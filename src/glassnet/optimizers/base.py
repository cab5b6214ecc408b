"""What every optimizer is: a learning rate and a pure rule on arrays."""

import math
from dataclasses import dataclass
from functools import cached_property

from glassnet.configs import resolve
from glassnet.errors import GlassnetError
from glassnet.optimizers.schedules import Schedule
from glassnet.trees import Array

Slots = tuple[Array, ...]

FLUSH_EVERY = 16  # steps; between two flushes a moment above 1e-30 can't shrink to a denormal


@dataclass(frozen=True)
class Optimizer:
    """A pure rule from (gradient, slots, parameter, rate, step) to (parameter, slots).

    Slots are the rule's memory: arrays like the parameter, 0 before the first step.
    """

    learning_rate: float | Schedule

    def __post_init__(self) -> None:
        rate = self.learning_rate
        if not isinstance(rate, Schedule) and not 0 < rate < math.inf:
            raise GlassnetError(
                f"learning_rate must be a number > 0, got {rate}.", where=type(self).__name__
            )

    @cached_property
    def slots(self) -> tuple[str, ...]:
        """The names of the arrays that the rule remembers for each parameter."""
        return ()

    def rate(self, step: int) -> float:
        """The learning rate of a step, counted from 0."""
        rate = self.learning_rate
        return float(rate(step) if isinstance(rate, Schedule) else rate)

    def update(
        self, gradient: Array, slots: Slots, parameter: Array, rate: float, step: int
    ) -> tuple[Array, Slots]:
        """The parameter and the slots after a step; `step` counts from 1."""
        raise NotImplementedError


def one_minus_power(beta: float, step: Array | int) -> Array | float:
    """1 − βᵗ. A compiled step counts in float32, in which βᵗ near 1 would be 1."""
    if isinstance(step, int) or beta == 0:
        return 1 - beta**step
    return -step.__array_namespace__().expm1(step * math.log(beta))


def flush(slot: Array) -> Array:
    """The slot with entries below 1e-30 made 0.

    The moments of a weight whose gradient stays 0 (a pixel that is always black) shrink until they
    are denormal, and arithmetic on those is tens of times slower. 1e-30 changes no weight.
    """
    xp = slot.__array_namespace__()
    return slot * (xp.abs(slot) >= 1e-30)


def get(value: "str | Optimizer") -> Optimizer:
    """The optimizer that a name or an optimizer means."""
    optimizer: Optimizer = resolve("optimizer", value, where="optimizer")
    return optimizer
