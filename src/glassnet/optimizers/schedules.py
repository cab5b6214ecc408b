"""Learning rate schedules: pure functions of the step, counted from 0."""

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from itertools import pairwise
from typing import Annotated, ClassVar

from glassnet.core.arrays import whole_number
from glassnet.core.configured import Configured
from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.functions import Function, name_of, parameters_of, wrapper
from glassnet.core.keras_names import KerasNames
from glassnet.core.keras_namespaces import hint_at_missing
from glassnet.core.registry import added, register
from glassnet.optimizers.checks import Checks


@dataclass(frozen=True)
class Schedule(KerasNames, Checks, Configured):
    """A learning rate for each step. Names and arguments are those of Keras."""

    kind: ClassVar[str] = "schedule"

    _: KW_ONLY
    name: str | None = added(None)

    def __call__(self, step: int) -> float:
        """Return the learning rate of a step, counted from 0."""
        raise NotImplementedError

    def _check_alpha(self) -> None:
        if not 0 <= (alpha := vars(self)["alpha"]) <= 1:
            raise self._error(f"alpha must be in [0, 1], got {alpha}.")


@wrapper("schedule")
@dataclass(frozen=True)
class ScheduleFunction(Schedule):
    """A function of the step that returns its learning rate."""

    function: Annotated[Function, "schedule"]

    def __post_init__(self) -> None:
        if parameters_of(self.function)[:1] in ((), ("self",)):
            raise self._problem(
                "takes no step: a rate that only time changes could not be repeated."
            )

    def __call__(self, step: int) -> float:
        rate = float(self.function(step))
        if not 0 <= rate < math.inf:
            raise self._problem(f"returns {rate} for step {step}, not a number ≥ 0.")
        return rate

    def _problem(self, what: str) -> GlassnetError:
        name = name_of(self.function)
        fix = "Write it as a function of the step, counted from 0: lambda step: 0.1 * 0.99**step."
        return GlassnetError(what, where=f"schedule {name}", fix=fix)


@dataclass(frozen=True)
class _Decay(Schedule):
    """The options of a decay from an initial rate, by `decay_rate` per `decay_steps`."""

    initial_learning_rate: float
    decay_steps: int
    decay_rate: float
    staircase: bool = False

    def __post_init__(self) -> None:
        self._set_whole("decay_steps")
        self._check_positive("initial_learning_rate", "decay_rate")

    def _periods(self, step: int) -> float:
        """Return step / decay_steps, rounded down on a staircase."""
        return step // self.decay_steps if self.staircase else step / self.decay_steps


@register("schedule")
@dataclass(frozen=True)
class ExponentialDecay(_Decay):
    """η₀ rᵖ, with p = step / decay_steps, rounded down on a staircase."""

    def __call__(self, step: int) -> float:
        try:
            return self.initial_learning_rate * math.pow(self.decay_rate, self._periods(step))
        except OverflowError:  # a decay rate above 1, after many steps
            return math.inf


@register("schedule")
@dataclass(frozen=True)
class InverseTimeDecay(_Decay):
    """η₀ / (1 + r p), with p = step / decay_steps, rounded down on a staircase."""

    def __call__(self, step: int) -> float:
        return self.initial_learning_rate / (1 + self.decay_rate * self._periods(step))


@register("schedule")
@dataclass(frozen=True)
class PiecewiseConstantDecay(Schedule):
    """values[i] up to and including step boundaries[i]; the last value after the last boundary."""

    boundaries: tuple[int, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        ends = tuple(
            whole_number(end, "PiecewiseConstantDecay: boundaries", 0) for end in self.boundaries
        )
        object.__setattr__(self, "boundaries", ends)
        object.__setattr__(self, "values", tuple(self.values))
        if len(self.values) != len(ends) + 1:
            raise self._error(
                f"{len(ends)} boundaries need {len(ends) + 1} values, got {len(self.values)}."
            )
        if list(ends) != sorted(set(ends)):
            raise self._error(f"boundaries must increase, got {ends}.")
        if not all(0 <= value < math.inf for value in self.values):
            raise self._error(f"values must be numbers ≥ 0, got {self.values}.")

    def __call__(self, step: int) -> float:
        return self.values[bisect_left(self.boundaries, step)]


@register("schedule")
@dataclass(frozen=True)
class PolynomialDecay(Schedule):
    """(η₀ − η₁) (1 − step / decay_steps)^power + η₁; after decay_steps it stays at η₁.

    With `cycle`, decay_steps doubles, triples, ... instead: the rate jumps up again
    whenever it reaches η₁.
    """

    initial_learning_rate: float
    decay_steps: int
    end_learning_rate: float = 0.0001
    power: float = 1.0
    cycle: bool = False

    def __post_init__(self) -> None:
        self._set_whole("decay_steps")
        self._check_positive("initial_learning_rate", "power")
        self._check_nonnegative("end_learning_rate")

    def __call__(self, step: int) -> float:
        steps = self.decay_steps
        if self.cycle:
            steps *= max(1, -(-step // steps))
        remaining = math.pow(1 - min(step / steps, 1.0), self.power)
        return (
            remaining * (self.initial_learning_rate - self.end_learning_rate)
            + self.end_learning_rate
        )


@register("schedule")
@dataclass(frozen=True)
class CosineDecay(Schedule):
    """Half a cosine from the initial rate down to alpha times it, after an optional linear warm-up.

    With a warm-up, the rate first rises from `initial_learning_rate` to `warmup_target` in
    `warmup_steps`; then the cosine falls from there in `decay_steps`.
    Source: Loshchilov & Hutter 2017.
    """

    initial_learning_rate: float
    decay_steps: int
    alpha: float = 0.0
    _: KW_ONLY  # in Keras, `name` comes before these
    warmup_target: float | None = None
    warmup_steps: int = 0

    def __post_init__(self) -> None:
        self._set_whole("decay_steps")
        self._set_whole("warmup_steps", 0)
        if self.warmup_target is None:
            self._check_positive("initial_learning_rate")
        else:
            self._check_positive("warmup_target")
            self._check_nonnegative("initial_learning_rate")
        self._check_alpha()

    def __call__(self, step: int) -> float:
        top = self.initial_learning_rate
        if self.warmup_target is not None:
            if step < self.warmup_steps:
                return top + (self.warmup_target - top) * step / self.warmup_steps
            top, step = self.warmup_target, step - self.warmup_steps
        progress = min(step / self.decay_steps, 1.0)
        return top * (self.alpha + (1 - self.alpha) * _half_cosine(progress))


@register("schedule")
@dataclass(frozen=True)
class CosineDecayRestarts(Schedule):
    """Repeated cosine decays to alpha: each `t_mul` times as long and `m_mul` times as high.

    Source: Loshchilov & Hutter 2017 (SGDR).
    """

    initial_learning_rate: float
    first_decay_steps: int
    t_mul: float = 2.0
    m_mul: float = 1.0
    alpha: float = 0.0

    def __post_init__(self) -> None:
        self._set_whole("first_decay_steps")
        self._check_positive("initial_learning_rate", "m_mul")
        if not 1 <= self.t_mul < math.inf:
            raise self._error(f"t_mul must be a number ≥ 1, got {self.t_mul}.")
        self._check_alpha()

    def __call__(self, step: int) -> float:
        cycle, into, length = 0, float(step), float(self.first_decay_steps)
        if self.t_mul == 1:
            cycle, into = step // self.first_decay_steps, step % self.first_decay_steps
        while into >= length:  # cycle by cycle: a logarithm would round at the restarts
            cycle, into, length = cycle + 1, into - length, length * self.t_mul
        height = self.m_mul**cycle * _half_cosine(into / length)
        return self.initial_learning_rate * (self.alpha + (1 - self.alpha) * height)


@register("schedule")
@dataclass(frozen=True)
class OneCycle(Schedule):
    """One rise to a large rate and one fall to almost 0, in exactly `total_steps`.

    From max / div_factor up to max in a share `pct_start` of the steps, then down to the first rate
    divided by `final_div_factor`, each along half a cosine or linearly. With `three_phase`, as in
    the paper, it falls to the first rate as fast as it rose, and only then to the final one.
    Source: Smith & Topin 2018. Names and values are those of PyTorch's OneCycleLR, but the momentum
    is not cycled.
    """

    max_learning_rate: float
    total_steps: int
    pct_start: float = 0.3
    anneal_strategy: str = "cos"
    div_factor: float = 25.0
    final_div_factor: float = 1e4
    three_phase: bool = False

    def __post_init__(self) -> None:
        self._set_whole("total_steps")
        self._check_positive("max_learning_rate", "div_factor", "final_div_factor")
        most = 0.5 if self.three_phase else 1
        if not 0 <= self.pct_start <= most:
            raise self._error(f"pct_start must be in [0, {most}], got {self.pct_start}.")
        if self.anneal_strategy not in (strategies := ("cos", "linear")):
            raise unknown("anneal_strategy", self.anneal_strategy, strategies, where="OneCycle")

    @cached_property
    def _turns(self) -> list[tuple[float, float]]:
        """The turning points, as (step, rate)."""
        first, up = self.max_learning_rate / self.div_factor, self.pct_start * self.total_steps
        turns = [(0.0, first), (up - 1, self.max_learning_rate)]
        if self.three_phase:
            turns.append((2 * up - 2, first))
        return [*turns, (self.total_steps - 1, first / self.final_div_factor)]

    def __call__(self, step: int) -> float:
        for (start, first), (end, last) in pairwise(self._turns):
            if step <= end:
                remaining = 1 - (step - start) / (end - start) if end > start else 0.0
                if self.anneal_strategy == "cos":
                    remaining = _half_cosine(1 - remaining)
                return last + (first - last) * remaining
        return self._turns[-1][1]


def _half_cosine(progress: float) -> float:
    """½ (1 + cos πp): falls from 1 to 0 while p rises from 0 to 1."""
    return 0.5 * (1 + math.cos(math.pi * progress))


RateLike = float | Schedule | Annotated[Callable[[int], float], "schedule"]


hint_at_missing(__name__)
