"""FTRL-Proximal: linear models with many weights of exactly 0."""

from dataclasses import dataclass

from glassnet.core.protocols import Array, Operand, namespace
from glassnet.core.registry import register
from glassnet.optimizers.base import Optimizer, Slots, Updated
from glassnet.optimizers.schedules import Schedule


@register("optimizer", "ftrl")
@dataclass(frozen=True)
class Ftrl(Optimizer):
    """Follow the regularized leader, with penalties l₁ and l₂ of the weights.

    n' = n + g², p = −`learning_rate_power`;   z ← z + g + 2 s w − (n'^p − n^p) / η · w;   n ← n';
    w ← (clip(z, −l₁, l₁) − z) / (n^p / η + 2 l₂ + β / η), with s the shrinkage.
    Source: McMahan et al. 2013.
    """

    learning_rate: float | Schedule = 0.001
    learning_rate_power: float = -0.5
    initial_accumulator_value: float = 0.1
    l1_regularization_strength: float = 0.0
    l2_regularization_strength: float = 0.0
    l2_shrinkage_regularization_strength: float = 0.0
    beta: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        strengths = ("l1", "l2", "l2_shrinkage")
        self._check_nonnegative(*(f"{name}_regularization_strength" for name in strengths))
        self._check_nonnegative("initial_accumulator_value", "beta")
        if not self.learning_rate_power <= 0:
            raise self._error(f"learning_rate_power must be ≤ 0, got {self.learning_rate_power}.")

    slots = ("accumulator", "linear")

    def init_slot(self, weight: Array, slot: str) -> Array:
        start = self.initial_accumulator_value if slot == "accumulator" else 0.0
        return namespace(weight).full_like(weight, start)

    def update(self, g: Array, slots: Slots, w: Array, rate: Operand, step: Operand) -> Updated:
        xp = namespace(g)
        squares, linear = slots
        power, l1 = -self.learning_rate_power, self.l1_regularization_strength
        total = squares + g * g
        shrunk = g + w * (2 * self.l2_shrinkage_regularization_strength)
        linear = linear + shrunk - (total**power - squares**power) / rate * w
        curvature = (total**power + self.beta) / rate + 2 * self.l2_regularization_strength
        moved = curvature > 0  # else no gradient has come yet
        target = (xp.clip(linear, -l1, l1) - linear) / xp.where(moved, curvature, 1)
        return xp.where(moved, target, w), (total, linear)
