"""Constraints: where a weight is put back to after every step. Keras's names and defaults."""

import math
from dataclasses import dataclass

from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import register, resolve

EPSILON = 1e-7  # as in Keras: the norm of a weight that is all 0 is divided by, too


@dataclass(frozen=True)
class Constraint:
    """A pure function of a weight; what it gives is the weight's new value."""

    def __call__(self, weight: Array) -> Array:
        """The weight, put back to where it may be."""
        raise NotImplementedError

    def check(self, shape: tuple[int, ...], where: str) -> None:
        """Raise if a weight of this shape lacks an axis."""


@register("constraint", "non_neg")
@dataclass(frozen=True)
class NonNeg(Constraint):
    """max(w, 0), number by number."""

    def __call__(self, weight: Array) -> Array:
        return namespace(weight).maximum(weight, 0)


class _OfNorms(Constraint):
    """w · target(‖w‖) / (‖w‖ + ε), with a norm for each vector along the axes.

    Axis 0 of a Dense kernel (inputs, units): a norm for each unit. Of a Conv2D kernel it takes the
    axes (0, 1, 2).
    """

    axis: int | tuple[int, ...]

    def __post_init__(self) -> None:
        axes = self.axis if isinstance(self.axis, list | tuple) else (self.axis,)
        if not axes or not all(type(axis) is int for axis in axes):
            raise self._error(f"axis must be a whole number or several, got {self.axis!r}.")
        object.__setattr__(self, "axis", self.axis if type(self.axis) is int else tuple(axes))

    def __call__(self, weight: Array) -> Array:
        xp = namespace(weight)
        norms = xp.sqrt((weight * weight).sum(axis=self.axis, keepdims=True))
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
class MaxNorm(_OfNorms):
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


@register("constraint", "unit_norm")
@dataclass(frozen=True)
class UnitNorm(_OfNorms):
    """w / ‖w‖: every vector along the axes is 1 long."""

    axis: int | tuple[int, ...] = 0

    def _target(self, norms: Array) -> Array:
        return namespace(norms).ones_like(norms)


def get(value: "str | Constraint | None", *, where: str = "") -> Constraint | None:
    """The constraint that a name or a constraint means; None means none."""
    made: Constraint | None = None if value is None else resolve("constraint", value, where=where)
    return made
