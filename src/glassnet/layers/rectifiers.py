"""Activations with parameters, as layers: ReLU, LeakyReLU, ELU. Keras's names and defaults."""

from dataclasses import dataclass
from typing import ClassVar

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.base import Layer, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.ops import ArrayPullback, Pullback, activations


@dataclass(frozen=True)
class Rectifier(Layer):
    """An elementwise function that is linear above a threshold."""

    keeps_steps: ClassVar[bool] = True

    def apply(self, x: Array) -> tuple[Array, ArrayPullback]:
        """Return y and the pullback of the op."""
        raise NotImplementedError

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = self.apply(x)
        return y, weightless(back)


@register("layer")
@dataclass(frozen=True)
class ReLU(Rectifier):
    """y = min(x, max_value) where x > threshold, else negative_slope · (x − threshold)."""

    max_value: float | None = None
    negative_slope: float = 0.0
    threshold: float = 0.0

    def __post_init__(self) -> None:
        for name in ("max_value", "negative_slope", "threshold"):
            _require_not_negative(self, name)

    def apply(self, x: Array) -> tuple[Array, ArrayPullback]:
        return activations.bounded_relu(x, self.max_value, self.negative_slope, self.threshold)


@register("layer")
@dataclass(frozen=True)
class LeakyReLU(Rectifier):
    """y = x where x > 0, else negative_slope · x. The activation "leaky_relu" has the slope 0.2."""

    negative_slope: float = 0.3

    def __post_init__(self) -> None:
        _require_not_negative(self, "negative_slope")

    def apply(self, x: Array) -> tuple[Array, ArrayPullback]:
        return activations.leaky_relu(x, self.negative_slope)


@register("layer")
@dataclass(frozen=True)
class ELU(Rectifier):
    """y = x where x > 0, else alpha · (exp(x) − 1)."""

    alpha: float = 1.0

    def apply(self, x: Array) -> tuple[Array, ArrayPullback]:
        return activations.elu(x, self.alpha)


def _require_not_negative(layer: Layer, name: str) -> None:
    value = getattr(layer, name)
    if value is not None and value < 0:
        raise GlassnetError(
            f"must be at least 0, got {value}.", where=f"{type(layer).__name__}: {name}"
        )
