"""Constraints, which project a weight after every step. Keras's names and defaults."""

import math
from dataclasses import dataclass
from typing import Annotated, ClassVar

from glassnet.core.configured import Configured
from glassnet.core.errors import GlassnetError
from glassnet.core.functions import Function, name_of, wrapper
from glassnet.core.keras_names import KerasNames
from glassnet.core.keras_namespaces import hint_at_missing, part_named
from glassnet.core.norms import norm
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import named, register, resolve
from glassnet.ops.derivatives import value_of

EPSILON = 1e-7  # as in Keras: added to norms, so that an all-zero weight can be divided


@dataclass(frozen=True)
class Constraint(KerasNames, Configured):
    """A pure function from a weight to its new value."""

    kind: ClassVar[str] = "constraint"

    def __call__(self, weight: Array) -> Array:
        """Return the weight, projected onto the allowed values."""
        raise NotImplementedError

    def check(self, shape: tuple[int, ...], where: str) -> None:
        """Raise if a weight of this shape does not have the constraint's axes."""


@wrapper("constraint")
@dataclass(frozen=True)
class ConstraintFunction(Constraint):
    """A function of a weight that returns its new value."""

    function: Annotated[Function, "constraint"]

    def __call__(self, weight: Array) -> Array:
        value = value_of(self.function, weight, weight)
        if value.shape != weight.shape:
            raise GlassnetError(
                f"returns an array of shape {value.shape} for a weight of shape {weight.shape}.",
                where=f"constraint {name_of(self.function)}",
            )
        return value


@register("constraint", "non_neg")
@dataclass(frozen=True)
class NonNeg(Constraint):
    """max(w, 0), elementwise."""

    def __call__(self, weight: Array) -> Array:
        return namespace(weight).maximum(weight, 0)


class _NormConstraint(Constraint):
    """w · target(‖w‖) / (‖w‖ + ε), with one norm per vector along the axes.

    For a Dense kernel (inputs, units), axis 0 means one norm per unit; for a Conv2D kernel, use
    the axes (0, 1, 2).
    """

    axis: int | tuple[int, ...]

    def __post_init__(self) -> None:
        axes = self.axis if isinstance(self.axis, list | tuple) else (self.axis,)
        if not axes or not all(type(axis) is int for axis in axes):
            raise self._error(f"axis must be a whole number or a tuple of them, got {self.axis!r}.")
        object.__setattr__(self, "axis", self.axis if type(self.axis) is int else tuple(axes))

    def __call__(self, weight: Array) -> Array:
        norms = norm(weight, self.axis)
        return weight * (self._target(norms) / (EPSILON + norms))

    def check(self, shape: tuple[int, ...], where: str) -> None:
        axes = (self.axis,) if isinstance(self.axis, int) else self.axis
        if not all(-len(shape) <= axis < len(shape) for axis in axes):
            raise GlassnetError(
                f"takes norms along axis {self.axis} of a weight of shape {shape}.", where=where
            )

    def _target(self, norms: Array) -> Array:
        raise NotImplementedError

    def _error(self, what: str) -> GlassnetError:
        return GlassnetError(what, where=type(self).__name__)


@register("constraint", "max_norm")
@dataclass(frozen=True)
class MaxNorm(_NormConstraint):
    """w · min(‖w‖, c) / ‖w‖: no vector along the axes is longer than c = `max_value`.

    Sources: Srebro, Rennie & Jaakkola 2004; with dropout, Srivastava et al. 2014.
    """

    max_value: float = 2.0
    axis: int | tuple[int, ...] = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.max_value < math.inf:
            raise self._error(f"max_value must be a number > 0, got {self.max_value}.")

    def _target(self, norms: Array) -> Array:
        return namespace(norms).minimum(norms, self.max_value)


@register("constraint", "min_max_norm")
@dataclass(frozen=True)
class MinMaxNorm(_NormConstraint):
    """w · (ρ clip(‖w‖, min, max) + (1 − ρ) ‖w‖) / ‖w‖ with ρ = `rate`, at 1 at once."""

    min_value: float = 0.0
    max_value: float = 1.0
    rate: float = 1.0
    axis: int | tuple[int, ...] = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.min_value <= self.max_value < math.inf:
            raise self._error(
                f"needs 0 ≤ min_value ≤ max_value, got {self.min_value} and {self.max_value}."
            )
        if not 0 <= self.rate <= 1:
            raise self._error(f"rate must be in 0..1, got {self.rate}.")

    def _target(self, norms: Array) -> Array:
        clipped = namespace(norms).clip(norms, self.min_value, self.max_value)
        return self.rate * clipped + (1 - self.rate) * norms


@register("constraint", "unit_norm")
@dataclass(frozen=True)
class UnitNorm(_NormConstraint):
    """w / ‖w‖: every vector along the axes has length 1."""

    axis: int | tuple[int, ...] = 0

    def _target(self, norms: Array) -> Array:
        return namespace(norms).ones_like(norms)


ConstraintLike = str | Constraint | Annotated[Function, "constraint"] | None


def get(value: ConstraintLike, *, where: str = "") -> Constraint | None:
    """Return a constraint, by name, of a function or as it is; None means no constraint."""
    return None if value is None else resolve("constraint", value, where=where)


hint_at_missing(__name__, lambda name: part_named(name, named("constraint")))
