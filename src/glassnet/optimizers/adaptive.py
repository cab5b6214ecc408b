"""Optimizers that scale each step by the gradients seen so far: RMSprop, Adagrad, Adadelta."""

from dataclasses import dataclass

from glassnet.core.protocols import Array, Operand, namespace
from glassnet.core.registry import register
from glassnet.optimizers.base import Optimizer, Slots, Updated
from glassnet.optimizers.schedules import RateLike


@register("optimizer", "rmsprop")
@dataclass(frozen=True)
class RMSprop(Optimizer):
    """The gradient divided by its running root mean square.

    s ← ρ s + (1 − ρ) g²;   d = η g / √(s + ε), or η g / √(s − a² + ε) if `centered`, with a the
    running mean of g;   w ← w − d, or with momentum μ: v ← μ v + d, w ← w − v.
    Source: Hinton's lecture 6e, 2012; Graves 2013 (centered).
    """

    learning_rate: RateLike = 0.001
    rho: float = 0.9
    momentum: float = 0.0
    epsilon: float = 1e-7
    centered: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_unit_interval("rho", "momentum")

    @property
    def slots(self) -> tuple[str, ...]:
        return (
            "velocity",
            *(("average_gradient",) if self.centered else ()),
            *(("momentum",) if self.momentum else ()),
        )

    def update(self, g: Array, slots: Slots, w: Array, rate: Operand, step: Operand) -> Updated:
        xp = namespace(g)
        state = dict(zip(self.slots, slots, strict=True))
        velocity = self.rho * state["velocity"] + (1 - self.rho) * g * g
        state["velocity"] = denominator = velocity
        if self.centered:
            average = self.rho * state["average_gradient"] + (1 - self.rho) * g
            state["average_gradient"] = average
            # Below 0 only by rounding, which would turn a constant gradient into NaN.
            denominator = xp.maximum(velocity - average * average, 0)
        move = rate * g / xp.sqrt(denominator + self.epsilon)
        if self.momentum:
            state["momentum"] = move = self.momentum * state["momentum"] + move
        return w - move, tuple(state.values())


@register("optimizer", "adagrad")
@dataclass(frozen=True)
class Adagrad(Optimizer):
    """The gradient divided by the root of the sum of all its squares: rare ones count for more.

    s ← s + g², from s₀ = `initial_accumulator_value`;   w ← w − η g / √(s + ε).
    Source: Duchi, Hazan & Singer 2011.
    """

    learning_rate: RateLike = 0.001
    initial_accumulator_value: float = 0.1
    epsilon: float = 1e-7

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.initial_accumulator_value >= 0:
            value = self.initial_accumulator_value
            raise self._error(f"initial_accumulator_value must be a number ≥ 0, got {value}.")

    slots = ("accumulator",)

    def init_slot(self, weight: Array, slot: str) -> Array:
        return namespace(weight).full_like(weight, self.initial_accumulator_value)

    def update(self, g: Array, slots: Slots, w: Array, rate: Operand, step: Operand) -> Updated:
        xp = namespace(g)
        total = slots[0] + g * g
        return w - rate * g / xp.sqrt(total + self.epsilon), (total,)


@register("optimizer", "adadelta")
@dataclass(frozen=True)
class Adadelta(Optimizer):
    """RMSprop in the units of the weight: also multiplied by the root mean square of its steps.

    s ← ρ s + (1 − ρ) g²;   d = √(u + ε) / √(s + ε) · g;   u ← ρ u + (1 − ρ) d²;   w ← w − η d.
    Source: Zeiler 2012, where η = 1.
    """

    learning_rate: RateLike = 0.001
    rho: float = 0.95
    epsilon: float = 1e-7

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_unit_interval("rho")

    slots = ("accumulated_grad", "accumulated_delta_var")

    def update(self, g: Array, slots: Slots, w: Array, rate: Operand, step: Operand) -> Updated:
        xp = namespace(g)
        squares, moves = slots
        squares = self.rho * squares + (1 - self.rho) * g * g
        move = xp.sqrt(moves + self.epsilon) / xp.sqrt(squares + self.epsilon) * g
        moves = self.rho * moves + (1 - self.rho) * move * move
        return w - rate * move, (squares, moves)
