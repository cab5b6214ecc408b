"""Regularizers: penalties on large weights. Keras's names and defaults."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from glassnet.core.configured import Configured
from glassnet.core.errors import GlassnetError
from glassnet.core.keras_parts import refuse_name
from glassnet.core.registry import alias, register, resolve
from glassnet.core.trees import Array
from glassnet.ops import Pullback, penalties


@register("regularizer")
@dataclass(frozen=True)
class L1L2(Configured):
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


def get(value: str | L1L2 | None, *, where: str = "") -> L1L2 | None:
    """Return a penalty, by name or as it is; None means no penalty."""
    return None if value is None else resolve("regularizer", value, where=where)


if not TYPE_CHECKING:

    def __getattr__(name: str) -> NoReturn:
        refuse_name("regularizer", __name__, name)
