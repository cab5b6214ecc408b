"""Optimizers without second moments: gradient descent with momentum, and Lion."""

from dataclasses import dataclass

from glassnet.core.protocols import Array, Operand, namespace
from glassnet.core.registry import register
from glassnet.optimizers.base import Optimizer, Slots, Updated
from glassnet.optimizers.schedules import RateLike


@register("optimizer", "sgd")
@dataclass(frozen=True)
class SGD(Optimizer):
    """Gradient descent, optionally with momentum.

    w ← w − η g;   with momentum μ: v ← μ v − η g, w ← w + v;   Nesterov: w ← w + μ v − η g.
    Sources: Polyak 1964; Sutskever et al. 2013.
    """

    learning_rate: RateLike = 0.01
    momentum: float = 0.0
    nesterov: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_unit_interval("momentum")

    @property
    def slots(self) -> tuple[str, ...]:
        return ("momentum",) if self.momentum else ()

    def update(self, g: Array, slots: Slots, w: Array, rate: Operand, step: Operand) -> Updated:
        move = g * -rate
        if not self.momentum:
            return w + move, ()
        velocity = self.momentum * slots[0] + move
        if self.nesterov:
            return w + (self.momentum * velocity + move), (velocity,)
        return w + velocity, (velocity,)


@register("optimizer", "lion")
@dataclass(frozen=True)
class Lion(Optimizer):
    """Every entry moves by η in the direction of a momentum: only the sign counts.

    w ← w − η sign(β₁ m + (1 − β₁) g);   m ← β₂ m + (1 − β₂) g.   Source: Chen et al. 2023.
    """

    learning_rate: RateLike = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.99

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_unit_interval("beta_1", "beta_2")
        if not self.beta_1:  # as in Keras
            raise self._error("beta_1 must be > 0: with 0, only the sign of the gradient is left.")

    slots = ("momentum",)

    def update(self, g: Array, slots: Slots, w: Array, rate: Operand, step: Operand) -> Updated:
        xp = namespace(g)
        (m,) = slots
        direction = xp.sign(self.beta_1 * m + (1 - self.beta_1) * g)
        m = self.beta_2 * m + (1 - self.beta_2) * g
        return w - rate * direction, (m,)
