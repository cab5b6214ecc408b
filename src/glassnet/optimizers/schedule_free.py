"""AdamW without a schedule: gradients at a mean of all weights so far."""

from dataclasses import dataclass

from glassnet.core.protocols import Array, Operand, namespace
from glassnet.core.registry import register
from glassnet.optimizers.base import Optimizer, Slots, Updated, one_minus_power
from glassnet.optimizers.schedules import Schedule


@register("optimizer", "schedulefreeadamw")
@dataclass(frozen=True)
class ScheduleFreeAdamW(Optimizer):
    """Adam's squared gradients, and an average of weights in place of a decaying rate.

    z moves, x is the mean of all z, and the gradient is taken at w = (1 − β₁) z + β₁ x:
    v ← v + (1 − β₂)(g² − v);   z ← z − η min(1, t / `warmup_steps`) g / (√(v / (1 − β₂ᵗ)) + ε);
    x ← x + (z − x) / t.   Source: Defazio et al. 2024.
    """

    learning_rate: float | Schedule = 0.0025
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    warmup_steps: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_unit_interval("beta_1", "beta_2")
        self._set_whole("warmup_steps", 0)
        if not self.beta_1:
            raise self._error("beta_1 must be > 0: with 0, the mean has no effect.")

    slots = ("momentum", "velocity")

    def init_slot(self, weight: Array, slot: str) -> Array:
        return weight * 1 if slot == "momentum" else super().init_slot(weight, slot)

    def update(self, g: Array, slots: Slots, w: Array, rate: Operand, step: Operand) -> Updated:
        xp = namespace(g)
        z, v = slots
        v = v + (g * g - v) * (1 - self.beta_2)
        size = xp.sqrt(v / one_minus_power(self.beta_2, step)) + self.epsilon
        if self.warmup_steps:
            share = xp.asarray(step / self.warmup_steps, dtype=g.dtype)
            rate = xp.minimum(share, 1) * rate
        x = (w - (1 - self.beta_1) * z) / self.beta_1
        z = z - rate * g / size
        x = x + (z - x) / step
        return (1 - self.beta_1) * z + self.beta_1 * x, (z, v)
