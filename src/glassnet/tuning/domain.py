"""What a parameter can be: one of some choices, or a number in a range."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, cast

from glassnet.core.errors import GlassnetError

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import BaseTrial

Scalar = str | int | float | bool
DEFAULT = "default"  # the choice to leave a parameter out
POINTS = 5  # of a range, on a grid
LARGEST = 2**53  # whole numbers up to it are exact as floats, which is how Optuna stores them


@dataclass(frozen=True)
class Choice:
    """One of these values; raises if there is none, or one twice."""

    values: tuple[Scalar, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise GlassnetError("has no choices.", fix='Name them: ["relu", "tanh"].')
        for number, value in enumerate(self.values):
            _require_scalar(value)
            if value in self.values[:number]:  # for Python and Optuna, 1 = 1.0 = true
                raise GlassnetError(f"has the choice {_text(value)} twice.", fix="Keep one.")

    @property
    def grid(self) -> tuple[Scalar, ...]:
        """The values on a grid."""
        return self.values

    def __contains__(self, value: object) -> bool:
        return any(value == choice and type(value) is type(choice) for choice in self.values)

    def suggest(self, trial: "BaseTrial", name: str) -> Scalar:
        """Return the trial's value of the parameter of this name."""
        value = trial.suggest_categorical(name, self.values)
        return cast(Scalar, value)

    def distribution(self) -> "BaseDistribution":
        """Return it as Optuna's distribution."""
        from optuna.distributions import CategoricalDistribution

        return CategoricalDistribution(self.values)


@dataclass(frozen=True)
class Range:
    """A number from `low` to `high`, both included; whole if both are whole.

    With `log`, equal ratios are equally likely; with `step`, it is low + k · step. A grid has
    `points` of its values, by default 5, or all steps. Raises if these don't fit together.
    """

    low: int | float
    high: int | float
    log: bool = False
    step: int | float | None = None
    points: int | None = None

    def __post_init__(self) -> None:
        for key in ("low", "high"):
            _require_number(getattr(self, key), key)
        if not isinstance(self.log, bool):
            raise GlassnetError(f"must be true or false, got {_text(self.log)}.", where="log")
        if self.low >= self.high:
            fix = "Swap them." if self.low > self.high else "Write the number alone to fix it."
            raise GlassnetError(
                f"must be below high, {self.high}; got {self.low}.", where="low", fix=fix
            )
        if self.log and self.low <= 0:
            fix = f"Write low = {float(self.high) / 1000:g}, or leave out log."
            if self.whole:
                small = f"low = {float(self.high) / 1000:g} and high = {float(self.high)}"
                fix = f"Write {'low = 1' if self.high > 1 else small}, or leave out log."
            what = f"a logarithmic range starts above 0, not at {self.low}."
            raise GlassnetError(what, where="low", fix=fix)
        if self.step is not None:
            self._check_step(self.step)
        points = self.points
        if points is not None and (type(points) is not int or points < 2):
            raise GlassnetError(
                f"must be a whole number of at least 2, got {_text(points)}.", where="points"
            )

    def _check_step(self, step: int | float) -> None:
        _require_number(step, "step")
        if self.log:
            raise GlassnetError("a logarithmic range has no step.", where="step",
                                fix="Leave out step or log.")  # fmt: skip
        if self.whole and not isinstance(step, int):
            raise GlassnetError(
                f"must be a whole number, as low and high are; got {step}.",
                where="step",
                fix=f"Or write low = {float(self.low)} and high = {float(self.high)}.",
            )
        if step <= 0:
            raise GlassnetError(f"must be above 0, got {step}.", where="step")
        width, exact = Decimal(str(self.high)) - Decimal(str(self.low)), Decimal(str(step))
        if width % exact:
            last = Decimal(str(self.low)) + width // exact * exact
            fix = f"Write high = {last}." if last > Decimal(str(self.low)) else "Use a smaller one."
            raise GlassnetError(
                f"steps of {step} from {self.low} don't reach {self.high}.", where="step", fix=fix
            )

    @property
    def whole(self) -> bool:
        """True if its values are whole numbers."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    @cached_property
    def grid(self) -> tuple[Scalar, ...]:
        """The values on a grid, in order."""
        if self.step is None:
            last = (self.points or POINTS) - 1
            shares = [number / last for number in range(last + 1)]
            values = [self._at(share) for share in shares]
        else:
            start, step = Decimal(str(self.low)), Decimal(str(self.step))
            steps = int((Decimal(str(self.high)) - start) / step)
            last = min(self.points or steps + 1, steps + 1) - 1
            places = [round(steps * number / last) for number in range(last + 1)]
            values = [float(start + place * step) for place in places]
        if self.whole:
            return tuple(dict.fromkeys(map(round, values)))
        return tuple(dict.fromkeys(values))

    def _at(self, share: float) -> float:
        """Return the value at this share of the way, with 6 digits, as people type them."""
        if share in (0, 1):
            return float(self.high if share else self.low)
        if self.log:
            value = math.exp(math.log(self.low) * (1 - share) + math.log(self.high) * share)
        else:
            value = self.low * (1 - share) + self.high * share
        return min(max(float(f"{value:.6g}"), self.low), self.high)

    def __contains__(self, value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int if self.whole else int | float):
            return False
        steps = (value - self.low) / self.step if self.step else 0.0
        return self.low <= value <= self.high and abs(steps - round(steps)) < 1e-8

    def rounded(self, value: float) -> float:
        """Return a value of Optuna's as people type it: a step of 0.1 leads to 0.3 exactly."""
        return value if self.step is None else float(f"{value:.12g}")

    def suggest(self, trial: "BaseTrial", name: str) -> Scalar:
        """Return the trial's value of the parameter of this name."""
        if isinstance(self.low, int) and isinstance(self.high, int):
            step = int(self.step or 1)
            return trial.suggest_int(name, self.low, self.high, step=step, log=self.log)
        return trial.suggest_float(name, self.low, self.high, step=self.step, log=self.log)

    def distribution(self) -> "BaseDistribution":
        """Return it as Optuna's distribution."""
        from optuna.distributions import FloatDistribution, IntDistribution

        if isinstance(self.low, int) and isinstance(self.high, int):
            return IntDistribution(self.low, self.high, self.log, int(self.step or 1))
        return FloatDistribution(self.low, self.high, self.log, self.step)


@dataclass(frozen=True)
class Parameter:
    """A parameter of a space; with `when`, only if others have one of these values."""

    name: str
    domain: Choice | Range
    when: Mapping[str, tuple[Scalar, ...]] = field(default_factory=dict)

    @property
    def varies(self) -> bool:
        """True if it can have more than one value."""
        return isinstance(self.domain, Range) or len(self.domain.values) > 1

    def is_active(self, params: Mapping[str, Scalar]) -> bool:
        """True if a trial with these values of the earlier parameters has this one."""
        return all(name in params and params[name] in values for name, values in self.when.items())


def _text(value: object) -> str:
    """Return a value as TOML writes it."""
    return str(value).lower() if isinstance(value, bool) else f"{value!r:.80}"


def _require_scalar(value: object) -> None:
    """Raise unless the value is a text, a finite number, or a truth value."""
    if isinstance(value, bool | str):
        return
    if not isinstance(value, int | float):
        kind = "table" if isinstance(value, Mapping) else "list"
        what = f"the {kind} {value!r:.80}" if isinstance(value, Mapping | list) else f"{value!r}"
        raise GlassnetError(
            f"{what} is not a choice.",
            fix="Choices are texts, numbers, true or false.",
        )
    _require_number(value)


def _require_number(value: object, where: str = "") -> None:
    """Raise unless the value is a finite number that floats hold exactly."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise GlassnetError(f"must be a number, got {_text(value)}.", where=where)
    if not math.isfinite(value):
        raise GlassnetError(f"must be a finite number, got {value}.", where=where)
    if isinstance(value, int) and abs(value) > LARGEST:
        raise GlassnetError(f"must be at most 2^53, got {value:.3g}.", where=where)
