"""Adam and its relatives: momentum, divided by a measure of the gradient's size."""

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from operator import mul
from typing import Any, ClassVar

from glassnet.core.protocols import Array, Operand, namespace
from glassnet.core.registry import register
from glassnet.optimizers.base import Optimizer, Slots, one_minus_power
from glassnet.optimizers.schedules import Schedule


@dataclass(frozen=True)
class _Moments(Optimizer):
    """The running means of the gradient and of its square, which all of these remember."""

    learning_rate: float | Schedule = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_unit_interval("beta_1", "beta_2")

    @cached_property
    def slots(self) -> tuple[str, ...]:
        return ("momentum", "velocity")

    def _moments(self, gradient: Array, m: Array, v: Array) -> tuple[Array, Array]:
        """m ← m + (1 − β₁)(g − m);   v ← v + (1 − β₂)(g² − v)."""
        m = m + (gradient - m) * (1 - self.beta_1)
        v = v + (gradient * gradient - v) * (1 - self.beta_2)
        return m, v


@register("optimizer", "adam")
@dataclass(frozen=True)
class Adam(_Moments):
    """Momentum divided by a running root mean square, both corrected for their start at 0.

    m ← m + (1 − β₁)(g − m);   v ← v + (1 − β₂)(g² − v);
    w ← w − η √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε);   with `amsgrad`, v̂ ← max(v̂, v) under the root.
    Source: Kingma & Ba 2015, in the order of the end of their section 2, as in Keras: ε is added
    to √v before the correction, so it weighs more in the first steps than in PyTorch. AMSGrad:
    Reddi, Kale & Kumar 2018.
    """

    amsgrad: bool = False

    @cached_property
    def slots(self) -> tuple[str, ...]:
        return ("momentum", "velocity", "velocity_hat") if self.amsgrad else super().slots

    def update(
        self, gradient: Array, slots: Slots, parameter: Array, rate: Operand, step: Operand
    ) -> tuple[Array, Slots]:
        xp = namespace(gradient)
        kept: Slots = self._moments(gradient, *slots[:2])
        m, v = kept
        if self.amsgrad:
            v = xp.maximum(slots[2], v)
            kept = (m, kept[1], v)
        correction = one_minus_power(self.beta_2, step) ** 0.5 / one_minus_power(self.beta_1, step)
        alpha = rate * correction
        return parameter - alpha * m / (xp.sqrt(v) + self.epsilon), kept


@register("optimizer", "adamw")
@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with decay that is no part of the gradient, and so not divided by its size.

    w ← w − η λ w, then Adam's step.   Source: Loshchilov & Hutter 2019; λ is `weight_decay`.
    """

    weight_decay: float | None = 0.004

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.weight_decay is None:
            raise self._error("weight_decay must be a number ≥ 0, got None.", "Or take Adam.")


@register("optimizer", "adamax")
@dataclass(frozen=True)
class Adamax(_Moments):
    """Adam with the largest of the fading gradients in place of the root mean square.

    m ← m + (1 − β₁)(g − m);   u ← max(β₂ u, |g|);   w ← w − η / (1 − β₁ᵗ) · m / (u + ε).
    Source: Kingma & Ba 2015, section 7.1.
    """

    @cached_property
    def slots(self) -> tuple[str, ...]:
        return ("momentum", "norm")

    def update(
        self, gradient: Array, slots: Slots, parameter: Array, rate: Operand, step: Operand
    ) -> tuple[Array, Slots]:
        xp = namespace(gradient)
        m, u = slots
        m = m + (gradient - m) * (1 - self.beta_1)
        u = xp.maximum(self.beta_2 * u, xp.abs(gradient))
        alpha = rate / one_minus_power(self.beta_1, step)
        return parameter - alpha * m / (u + self.epsilon), (m, u)


@register("optimizer", "nadam")
@dataclass(frozen=True)
class Nadam(_Moments):
    """Adam with Nesterov's momentum: the step looks ahead, by a β₁ that first grows.

    m, v as Adam's;   uₜ = β₁ (1 − ½ 0.96ᵗ), Uₜ = u₁ ⋯ uₜ;
    w ← w − η (uₜ₊₁ / (1 − Uₜ₊₁) m + (1 − uₜ) / (1 − Uₜ) g) / (√(v / (1 − β₂ᵗ)) + ε).
    Source: Dozat 2016.
    """

    def update(
        self, gradient: Array, slots: Slots, parameter: Array, rate: Operand, step: Operand
    ) -> tuple[Array, Slots]:
        xp = namespace(gradient)
        m, v = self._moments(gradient, *slots)
        now, ahead = (self.beta_1 * (1 - 0.5 * 0.96**t) for t in (step, step + 1))
        product = momentum_product(self.beta_1, step)
        look = ahead / (1 - product * ahead) * m + (1 - now) / (1 - product) * gradient
        size = xp.sqrt(v / one_minus_power(self.beta_2, step)) + self.epsilon
        return parameter - rate * look / size, (m, v)


# (1 − ½ 0.96) ⋯ (1 − ½ 0.96ᵗ) for t = 0, 1, ...: after 1000 factors, all others are 1 in float64.
_GROWTH = [1.0, *accumulate((1 - 0.5 * 0.96**t for t in range(1, 1001)), mul)]


def momentum_product(beta_1: float, step: Any) -> Any:
    """Uₜ = u₁ ⋯ uₜ, from the step alone: a state need not hold it."""
    if isinstance(step, int):
        return beta_1**step * _GROWTH[min(step, 1000)]
    xp = namespace(step)
    place = xp.astype(xp.minimum(step, 1000), xp.int32)
    return beta_1**step * xp.asarray(_GROWTH, dtype=step.dtype)[place]


@register("optimizer", "lamb")
@dataclass(frozen=True)
class Lamb(_Moments):
    """Adam's direction, with a step as long as the weight's norm says: for very large batches.

    d = m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε), with Adam's m and v;   w ← w − η ‖w‖ / ‖d‖ · d,
    but w ← w − η d where one of the norms is 0.   Source: You et al. 2020.
    """

    elementwise: ClassVar[bool] = False

    def update(
        self, gradient: Array, slots: Slots, parameter: Array, rate: Operand, step: Operand
    ) -> tuple[Array, Slots]:
        xp = namespace(gradient)
        m, v = self._moments(gradient, *slots)
        size = xp.sqrt(v / one_minus_power(self.beta_2, step)) + self.epsilon
        move = m / one_minus_power(self.beta_1, step) / size
        length, moved = (xp.sqrt((a * a).sum()) for a in (parameter, move))
        some = (length > 0) & (moved > 0)
        ratio = xp.where(some, length / xp.where(some, moved, 1), 1)
        return parameter - ratio * rate * move, (m, v)
