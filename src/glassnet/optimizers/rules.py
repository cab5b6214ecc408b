"""The rules. Keras's names, arguments, defaults and order of operations."""

from dataclasses import dataclass
from functools import cached_property

from glassnet.configs import register
from glassnet.errors import GlassnetError
from glassnet.optimizers.base import Optimizer, Slots, one_minus_power
from glassnet.optimizers.schedules import Schedule
from glassnet.trees import Array


def _in_unit_interval(optimizer: Optimizer, *names: str) -> None:
    for name in names:
        if not 0 <= getattr(optimizer, name) < 1:
            raise GlassnetError(
                f"{name} must be in [0, 1), got {getattr(optimizer, name)}.",
                where=type(optimizer).__name__,
            )


@register("optimizer", "sgd")
@dataclass(frozen=True)
class SGD(Optimizer):
    """Gradient descent, with momentum if asked for.

    w ← w − η g;   with momentum μ: v ← μ v − η g, w ← w + v;   Nesterov: w ← w + μ v − η g.
    Sources: Polyak 1964; Sutskever et al. 2013.
    """

    learning_rate: float | Schedule = 0.01
    momentum: float = 0.0
    nesterov: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        _in_unit_interval(self, "momentum")

    @cached_property
    def slots(self) -> tuple[str, ...]:
        return ("momentum",) if self.momentum else ()

    def update(
        self, gradient: Array, slots: Slots, parameter: Array, rate: float, step: int
    ) -> tuple[Array, Slots]:
        move = gradient * -rate
        if not self.momentum:
            return parameter + move, ()
        velocity = self.momentum * slots[0] + move
        if self.nesterov:
            return parameter + (self.momentum * velocity + move), (velocity,)
        return parameter + velocity, (velocity,)


@register("optimizer", "rmsprop")
@dataclass(frozen=True)
class RMSprop(Optimizer):
    """Divides the gradient by a running root mean square of itself.

    s ← ρ s + (1 − ρ) g²;   d = η g / √(s + ε), or η g / √(s − a² + ε) centred, with a the running
    mean of g;   w ← w − d, or with momentum μ: v ← μ v + d, w ← w − v.
    Source: Hinton's lecture 6e, 2012; Graves 2013 (centred).
    """

    learning_rate: float | Schedule = 0.001
    rho: float = 0.9
    momentum: float = 0.0
    epsilon: float = 1e-7
    centered: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        _in_unit_interval(self, "rho", "momentum")

    @cached_property
    def slots(self) -> tuple[str, ...]:
        return (
            "velocity",
            *(("average_gradient",) if self.centered else ()),
            *(("momentum",) if self.momentum else ()),
        )

    def update(
        self, gradient: Array, slots: Slots, parameter: Array, rate: float, step: int
    ) -> tuple[Array, Slots]:
        xp = gradient.__array_namespace__()
        state = dict(zip(self.slots, slots, strict=True))
        velocity = self.rho * state["velocity"] + (1 - self.rho) * gradient * gradient
        state["velocity"] = denominator = velocity
        if self.centered:
            average = self.rho * state["average_gradient"] + (1 - self.rho) * gradient
            state["average_gradient"] = average
            # Never below 0 but by rounding, which would make NaN of a steady gradient.
            denominator = xp.maximum(velocity - average * average, 0)
        move = rate * gradient / xp.sqrt(denominator + self.epsilon)
        if self.momentum:
            state["momentum"] = move = self.momentum * state["momentum"] + move
        return parameter - move, tuple(state.values())


@register("optimizer", "adam")
@dataclass(frozen=True)
class Adam(Optimizer):
    """Momentum divided by a running root mean square, both corrected for their start at 0.

    m ← m + (1 − β₁)(g − m);   v ← v + (1 − β₂)(g² − v);
    w ← w − η √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε).
    Source: Kingma & Ba 2015, in the order of the end of their section 2, as in Keras: ε is added
    to √v before the correction, so it weighs more in the first steps than in PyTorch.
    """

    learning_rate: float | Schedule = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7

    def __post_init__(self) -> None:
        super().__post_init__()
        _in_unit_interval(self, "beta_1", "beta_2")

    @cached_property
    def slots(self) -> tuple[str, ...]:
        return ("momentum", "velocity")

    def update(
        self, gradient: Array, slots: Slots, parameter: Array, rate: float, step: int
    ) -> tuple[Array, Slots]:
        xp = gradient.__array_namespace__()
        m, v = slots
        m = m + (gradient - m) * (1 - self.beta_1)
        v = v + (gradient * gradient - v) * (1 - self.beta_2)
        correction = one_minus_power(self.beta_2, step) ** 0.5 / one_minus_power(self.beta_1, step)
        alpha = rate * correction
        return parameter - alpha * m / (xp.sqrt(v) + self.epsilon), (m, v)
