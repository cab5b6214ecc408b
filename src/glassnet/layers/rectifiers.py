"""Activations with parameters, as layers. Keras's names and defaults."""

from dataclasses import dataclass
from typing import ClassVar

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.axes import checked_axes
from glassnet.layers.base import Layer, Shape, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.constraints import ConstraintLike
from glassnet.layers.initializers import InitializerLike
from glassnet.layers.regularizers import RegularizerLike
from glassnet.layers.weights import check_weights, weight
from glassnet.ops import ArrayPullback, Pullback, activations, piecewise


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
        return piecewise.bounded_relu(x, self.max_value, self.negative_slope, self.threshold)


@register("layer")
@dataclass(frozen=True)
class LeakyReLU(Rectifier):
    """y = x where x > 0, else negative_slope · x. The activation "leaky_relu" has the slope 0.2."""

    negative_slope: float = 0.3

    def __post_init__(self) -> None:
        _require_not_negative(self, "negative_slope")

    def apply(self, x: Array) -> tuple[Array, ArrayPullback]:
        return piecewise.leaky_relu(x, self.negative_slope)


@register("layer")
@dataclass(frozen=True)
class ELU(Rectifier):
    """y = x where x > 0, else alpha · (exp(x) − 1)."""

    alpha: float = 1.0

    def apply(self, x: Array) -> tuple[Array, ArrayPullback]:
        return activations.elu(x, self.alpha)


@register("layer")
@dataclass(frozen=True)
class PReLU(Layer):
    """y = x where x > 0, else alpha · x, with one learned alpha for each value of an example.

    Along the `shared_axes`, counted from the batch axis, 0, all values share theirs: for images
    (height, width, channels), shared_axes=(1, 2) learns one alpha for each channel.
    """

    alpha_initializer: InitializerLike = "zeros"
    alpha_regularizer: RegularizerLike = None
    alpha_constraint: ConstraintLike = None
    shared_axes: int | tuple[int, ...] | None = None

    learns: ClassVar[bool] = True
    keeps_steps: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_weights(self)

    def output_shape(self, shape: Shape) -> Shape:
        self._shared(shape)
        return shape

    def weights(self, shape: Shape) -> Tree:
        shared = self._shared(shape)
        sizes = tuple(1 if i in shared else n for i, n in enumerate(shape, start=1))
        return {"alpha": weight(self, "alpha", sizes)}

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = piecewise.prelu(x, params["alpha"])

        def pullback(dy: Array) -> tuple[Array, Tree]:
            dx, dalpha = back(dy)
            return dx, {"alpha": dalpha}

        return y, pullback

    def _shared(self, shape: Shape) -> tuple[int, ...]:
        axes = self.shared_axes
        return () if axes in (None, ()) else checked_axes(axes, shape, "PReLU")


def _require_not_negative(layer: Layer, name: str) -> None:
    value = getattr(layer, name)
    if value is not None and value < 0:
        raise GlassnetError(
            f"must be at least 0, got {value}.", where=f"{type(layer).__name__}: {name}"
        )
