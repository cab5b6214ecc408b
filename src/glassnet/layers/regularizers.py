"""Regularizers: penalties on large weights. Keras's names and defaults."""

import math
from dataclasses import dataclass
from typing import Annotated, ClassVar

from glassnet.core.configured import Configured
from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.functions import Function, name_of, wrapper
from glassnet.core.keras_names import KerasNames
from glassnet.core.keras_namespaces import hint_at_missing
from glassnet.core.registry import alias, register, resolve
from glassnet.core.trees import Array
from glassnet.ops import Pullback, penalties
from glassnet.ops.ambiguity import ACTIVATIONS, ambiguity
from glassnet.ops.derivatives import op_of


@dataclass(frozen=True)
class Regularizer(KerasNames, Configured):
    """A penalty on a weight, which is added to the loss."""

    kind: ClassVar[str] = "regularizer"

    def __call__(self, weight: Array) -> tuple[Array, Pullback]:
        """Return the penalty and its pullback."""
        raise NotImplementedError


@wrapper("regularizer")
@dataclass(frozen=True)
class RegularizerFunction(Regularizer):
    """A function of a weight that returns its penalty, a number, or that and its pullback."""

    function: Annotated[Function, "regularizer"]

    def __call__(self, weight: Array) -> tuple[Array, Pullback]:
        penalty, back = op_of(self.function)(weight)
        if penalty.ndim:
            raise GlassnetError(
                f"returns an array of shape {penalty.shape}, not a number.",
                where=f"regularizer {name_of(self.function)}",
                fix="Return the sum over the weight: .sum().",
            )
        return penalty, back


@register("regularizer")
@dataclass(frozen=True)
class L1L2(Regularizer):
    """l1 · Σ|w| + l2 · Σw², with w a weight's entries."""

    l1: float = 0.0
    l2: float = 0.0

    def __post_init__(self) -> None:
        for name in ("l1", "l2"):
            if not 0 <= getattr(self, name) < math.inf:
                raise GlassnetError(
                    f"{name} must be a number ≥ 0, got {getattr(self, name)}.", where="L1L2"
                )

    def __call__(self, weight: Array) -> tuple[Array, Pullback]:
        """Return the penalty and its pullback."""
        return penalties.l1_l2(weight, self.l1, self.l2)


@register("regularizer")
@dataclass(frozen=True)
class Ambiguity(Regularizer):
    """How far the members of an ensemble disagree: an activity_regularizer of z (N, members, K).

    With it, training the `activation` of their mean with the loss that fits it (softmax or sigmoid:
    cross-entropy, linear: squared error, exponential: Poisson) minimizes the mean of the members'
    own losses, which keeps each of them good by itself. With another loss, it is a penalty. It
    counts all examples alike, so with weights of examples or classes it is one, too.
    """

    activation: str = "softmax"

    def __post_init__(self) -> None:
        if self.activation not in ACTIVATIONS:
            raise unknown("activation", self.activation, ACTIVATIONS, where="Ambiguity")

    def __call__(self, weight: Array) -> tuple[Array, Pullback]:
        """Return the ambiguity and its pullback."""
        if weight.ndim != 3:
            raise GlassnetError(
                f"is for outputs (N, members, K), got {weight.ndim} axes.",
                where="Ambiguity",
                fix="Use it as activity_regularizer of a layer whose outputs have these axes.",
            )
        return ambiguity(weight, self.activation)


def L1(l1: float = 0.01) -> L1L2:  # noqa: N802 (Keras's name)
    """l1 · Σ|w|."""
    return L1L2(l1=l1)


def L2(l2: float = 0.01) -> L1L2:  # noqa: N802 (Keras's name)
    """l2 · Σw²."""
    return L1L2(l2=l2)


l1, l2, l1_l2 = L1, L2, L1L2  # Keras's other names
alias("regularizer", "l1_l2", L1L2())
alias("regularizer", "l1", L1())
alias("regularizer", "l2", L2())


RegularizerLike = str | Regularizer | Annotated[Function, "regularizer"] | None


def get(value: RegularizerLike, *, where: str = "") -> Regularizer | None:
    """Return a penalty, by name, of a function or as it is; None means no penalty."""
    return None if value is None else resolve("regularizer", value, where=where)


hint_at_missing(__name__)
