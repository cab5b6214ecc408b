"""Adam and its variants: momentum, divided by a measure of the gradient's magnitude."""

from dataclasses import dataclass
from itertools import accumulate
from operator import mul
from typing import Any, ClassVar

from glassnet.core.norms import norm
from glassnet.core.protocols import Array, Operand, namespace
from glassnet.core.registry import register
from glassnet.optimizers.base import Optimizer, Slots, Updated, one_minus_power
from glassnet.optimizers.schedules import RateLike


@dataclass(frozen=True)
class _Moments(Optimizer):
    """The options and running means (of the gradient and its square) that these rules share."""

    learning_rate: RateLike = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_unit_interval("beta_1", "beta_2")

    @property
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
    """Momentum divided by a running root mean square, both bias-corrected.

    m ← m + (1 − β₁)(g − m);   v ← v + (1 − β₂)(g² − v);
    w ← w − η √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε);   with `amsgrad`, v̂ ← max(v̂, v) under the root.
    Source: Kingma & Ba 2015, in the order given at the end of their section 2, as in Keras: ε is
    added to √v before the correction, so it has more effect in the first steps than in PyTorch.
    AMSGrad: Reddi, Kale & Kumar 2018.
    """

    amsgrad: bool = False

    @property
    def slots(self) -> tuple[str, ...]:
        return ("momentum", "velocity", "velocity_hat") if self.amsgrad else super().slots

    def update(self, g: Array, slots: Slots, w: Array, rate: Operand, step: Operand) -> Updated:
        xp = namespace(g)
        moments: Slots = self._moments(g, *slots[:2])
        m, v = moments
        if self.amsgrad:
            v = xp.maximum(slots[2], v)
            moments = (m, moments[1], v)
        correction = one_minus_power(self.beta_2, step) ** 0.5 / one_minus_power(self.beta_1, step)
        alpha = rate * correction
        return w - alpha * m / (xp.sqrt(v) + self.epsilon), moments


@register("optimizer", "adamw")
@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with weight decay decoupled from the gradient, and so not divided by its magnitude.

    w ← w − η λ w, then Adam's step.   Source: Loshchilov & Hutter 2019; λ is `weight_decay`.
    """

    weight_decay: float | None = 0.004

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.weight_decay is None:
            raise self._error("weight_decay must be a number ≥ 0, got None.", "Or use Adam.")


@register("optimizer", "adamax")
@dataclass(frozen=True)
class Adamax(_Moments):
    """Adam with a decaying maximum of the gradients in place of the root mean square.

    m ← m + (1 − β₁)(g − m);   u ← max(β₂ u, |g|);   w ← w − η / (1 − β₁ᵗ) · m / (u + ε).
    Source: Kingma & Ba 2015, section 7.1.
    """

    slots = ("momentum", "norm")

    def update(self, g: Array, slots: Slots, w: Array, rate: Operand, step: Operand) -> Updated:
        xp = namespace(g)
        m, u = slots
        m = m + (g - m) * (1 - self.beta_1)
        u = xp.maximum(self.beta_2 * u, xp.abs(g))
        alpha = rate / one_minus_power(self.beta_1, step)
        return w - alpha * m / (u + self.epsilon), (m, u)


@register("optimizer", "nadam")
@dataclass(frozen=True)
class Nadam(_Moments):
    """Adam with Nesterov momentum, with a β₁ that grows in the first steps.

    m, v as in Adam;   uₜ = β₁ (1 − ½ 0.96ᵗ), Uₜ = u₁ ⋯ uₜ;
    w ← w − η (uₜ₊₁ / (1 − Uₜ₊₁) m + (1 − uₜ) / (1 − Uₜ) g) / (√(v / (1 − β₂ᵗ)) + ε).
    Source: Dozat 2016.
    """

    def update(self, g: Array, slots: Slots, w: Array, rate: Operand, step: Operand) -> Updated:
        xp = namespace(g)
        m, v = self._moments(g, *slots)
        now, ahead = (self.beta_1 * (1 - 0.5 * 0.96**t) for t in (step, step + 1))
        product = momentum_product(self.beta_1, step)
        direction = ahead / (1 - product * ahead) * m + (1 - now) / (1 - product) * g
        size = xp.sqrt(v / one_minus_power(self.beta_2, step)) + self.epsilon
        return w - rate * direction / size, (m, v)


# (1 − ½ 0.96) ⋯ (1 − ½ 0.96ᵗ) for t = 0, 1, ...: after 1000 factors, all others are 1 in float64.
_GROWTH = [1.0, *accumulate((1 - 0.5 * 0.96**t for t in range(1, 1001)), mul)]


def momentum_product(beta_1: float, step: Any) -> Any:
    """Return Uₜ = u₁ ⋯ uₜ, computed from the step alone, so that it needs no state."""
    if isinstance(step, int):
        return beta_1**step * _GROWTH[min(step, 1000)]
    xp = namespace(step)
    index = xp.astype(xp.minimum(step, 1000), xp.int32)
    return beta_1**step * xp.asarray(_GROWTH, dtype=step.dtype)[index]


@register("optimizer", "lamb")
@dataclass(frozen=True)
class Lamb(_Moments):
    """Adam's direction, with a step proportional to the weight's norm: for very large batches.

    d = m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε), with m and v as in Adam;   w ← w − η ‖w‖ / ‖d‖ · d,
    but w ← w − η d where one of the norms is 0.   Source: You et al. 2020.
    """

    elementwise: ClassVar[bool] = False

    def update(self, g: Array, slots: Slots, w: Array, rate: Operand, step: Operand) -> Updated:
        xp = namespace(g)
        m, v = self._moments(g, *slots)
        size = xp.sqrt(v / one_minus_power(self.beta_2, step)) + self.epsilon
        move = m / one_minus_power(self.beta_1, step) / size
        weight_norm, move_norm = norm(w), norm(move)
        nonzero = (weight_norm > 0) & (move_norm > 0)
        ratio = xp.where(nonzero, weight_norm / xp.where(nonzero, move_norm, 1), 1)
        return w - ratio * rate * move, (m, v)
