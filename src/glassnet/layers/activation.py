"""`Activation`: an activation function as a layer. `Softmax`: along any axis."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.functions import Function, functions, is_function, name_of, reserve
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.axes import checked_axes
from glassnet.layers.base import Layer, Shape, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.ops import Pullback
from glassnet.ops.activations import ACTIVATIONS, OVER_AN_AXIS, softmax
from glassnet.ops.derivatives import op_of
from glassnet.ops.masking import keep_steps

reserve("activation", ACTIVATIONS)
ActivationLike = str | Annotated[Function, "activation"] | None


def activation_op(
    activation: ActivationLike, *, where: str = ""
) -> Callable[[Any], tuple[Any, Pullback]]:
    """Return the op of an activation by name, or of a function; None means linear."""
    if activation is not None and not isinstance(activation, str):
        return _op_of_function(activation, where)
    op = ACTIVATIONS.get(activation or "linear")
    if op is not None:
        return op
    own = functions("activation")
    if activation not in own and activation in _ARGUMENTS:
        what, fix = _ARGUMENTS[activation]
        raise GlassnetError(f"the activation {activation} {what}.", where=where, fix=fix)
    if activation not in own:
        raise unknown("activation", activation, {**ACTIVATIONS, **own}, where=where)
    return op_of(own[activation])


def _op_of_function(function: Any, where: str) -> Any:
    if not is_function(function):
        raise GlassnetError(
            f"the activation must be a name or a function, got {function!r:.80}.", where=where
        )
    if ACTIVATIONS.get(name_of(function)) is function:
        return function
    return op_of(function)


_ARGUMENTS = {  # Keras's functions that need more than the name: (why, what to write)
    "glu": (
        "halves the number of features",
        'Use Multiply()(Dense(8)(x), Dense(8, activation="sigmoid")(x)).',
    ),
    "threshold": (
        "needs two numbers",
        "Use ReLU(threshold=0.5): y = x where x > 0.5, else 0.",
    ),
}


@register("layer")
@dataclass(frozen=True)
class Activation(Layer):
    """y = activation(x), elementwise, or over the last axis: softmax, log_softmax, sparsemax."""

    activation: ActivationLike

    keeps_steps: ClassVar[bool] = True
    applies_activation: ClassVar[bool] = True

    def __post_init__(self) -> None:
        activation_op(self.activation, where="Activation")

    def output_shape(self, shape: Shape) -> Shape:
        if self.activation in OVER_AN_AXIS and not shape:
            raise GlassnetError(
                f"{self.activation} is over an axis of each example, but these are single numbers.",
                where="Activation",
                fix="Reshape the data to (examples, 1), or use sigmoid.",
            )
        return shape

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = activation_op(self.activation)(x)
        return y, weightless(back)


@register("layer")
@dataclass(frozen=True)
class Softmax(Layer):
    """yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ), the sum along `axis`, or along multiple axes.

    x may have a padding mask if it is (N, T): then y = 0 at padding, as in Keras.
    """

    axis: int | tuple[int, ...] = -1

    keeps_steps: ClassVar[bool] = True

    @property
    def output_activation(self) -> str | None:
        return "softmax" if self.axis in (-1, (-1,)) else None

    def output_shape(self, shape: Shape) -> Shape:
        checked_axes(self.axis, shape, "Softmax")
        return shape

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        axes, mask = checked_axes(self.axis, x.shape[1:]), context.mask
        if mask is None:
            y, back = softmax(x, axes)
            return y, weightless(back)
        if mask.shape != x.shape:
            raise GlassnetError(
                f"has a padding mask of shape {mask.shape} for values of shape {x.shape}.",
                where="Softmax",
                fix='Use Activation("softmax"), which takes each step by itself.',
            )
        scores, _ = keep_steps(x, mask, -1e9)
        shares, back = softmax(scores, axes)
        y, back_mask = keep_steps(shares, mask)
        return y, weightless(lambda dy: back(back_mask(dy)))
