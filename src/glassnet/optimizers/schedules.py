"""Learning rates that change with the step: pure functions of the step's number, from 0."""

import math
from dataclasses import dataclass

from glassnet.configs import register
from glassnet.errors import GlassnetError


@dataclass(frozen=True)
class Schedule:
    """A learning rate for each step."""

    def __call__(self, step: int) -> float:
        """The rate of step `step`, counted from 0."""
        raise NotImplementedError


@register("schedule")
@dataclass(frozen=True)
class CosineDecay(Schedule):
    """Half a cosine from the initial rate down to alpha times it, after a linear warm-up.

    With a warm-up, the rate first climbs from `initial_learning_rate` to `warmup_target` in
    `warmup_steps`, and the cosine falls from there in `decay_steps` more. Arguments as in Keras.
    Source: Loshchilov & Hutter 2017.
    """

    initial_learning_rate: float
    decay_steps: int
    alpha: float = 0.0
    warmup_target: float | None = None
    warmup_steps: int = 0

    def __post_init__(self) -> None:
        if self.decay_steps < 1:
            raise GlassnetError(
                f"decay_steps must be ≥ 1, got {self.decay_steps}.", where="CosineDecay"
            )

    def __call__(self, step: int) -> float:
        top = self.initial_learning_rate
        if self.warmup_target is not None:
            if step < self.warmup_steps:
                return top + (self.warmup_target - top) * step / self.warmup_steps
            top, step = self.warmup_target, step - self.warmup_steps
        progress = min(step / self.decay_steps, 1.0)
        return top * (self.alpha + (1 - self.alpha) * 0.5 * (1 + math.cos(math.pi * progress)))
