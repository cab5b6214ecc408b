"""Adafactor: second moments from the means of their rows and columns."""

from dataclasses import dataclass
from typing import ClassVar

from glassnet.core.protocols import Array, Operand, namespace
from glassnet.core.registry import register
from glassnet.optimizers.base import Optimizer, Slots, Updated
from glassnet.optimizers.schedules import Schedule


@register("optimizer", "adafactor")
@dataclass(frozen=True)
class Adafactor(Optimizer):
    """The gradient divided by a factored root mean square, in units of the weight.

    s = g² + ε₁, β = 1 − t^`beta_2_decay`;   r ← β r + (1 − β) (row means of s), and c likewise of
    columns;   v = r cᵀ / mean(r), or for vectors v ← β v + (1 − β) s;   u = g / √v;
    w ← w − max(ε₂, rms(w)) min(η, 1/√t) u / max(1, rms(u) / `clip_threshold`).

    The state is v, whose means are r and c. As in Keras, η is at most 1/√t with any
    `relative_step`. Source: Shazeer & Stern 2018.
    """

    learning_rate: float | Schedule = 0.001
    beta_2_decay: float = -0.8
    epsilon_1: float = 1e-30
    epsilon_2: float = 1e-3
    clip_threshold: float = 1.0
    relative_step: bool = True

    elementwise: ClassVar[bool] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_positive("epsilon_1", "epsilon_2", "clip_threshold")
        if not self.beta_2_decay <= 0:
            raise self._error(f"beta_2_decay must be ≤ 0, got {self.beta_2_decay}.")

    slots = ("velocity",)

    def update(self, g: Array, slots: Slots, w: Array, rate: Operand, step: Operand) -> Updated:
        xp = namespace(g)
        share = step**self.beta_2_decay  # 1 − β
        square = g * g + self.epsilon_1
        if g.ndim < 2:
            v = slots[0] + (square - slots[0]) * share
        else:
            old = slots[0]
            r, c = (
                old.mean(axis=axis, keepdims=True) * (1 - share)
                + square.mean(axis=axis, keepdims=True) * share
                for axis in (-1, -2)
            )
            v = r / r.mean(axis=-2, keepdims=True) * c
        u = g / xp.sqrt(v)
        size = xp.maximum(_rms(u) / self.clip_threshold, 1)
        rates = (xp.asarray(one, dtype=g.dtype) for one in (rate, step**-0.5))
        return w - xp.maximum(_rms(w), self.epsilon_2) * xp.minimum(*rates) / size * u, (v,)


def _rms(x: Array) -> Array:
    return namespace(x).sqrt((x * x).mean())
