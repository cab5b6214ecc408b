"""`Activation`: an activation function as a layer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.functions import Function, functions, is_function, name_of, reserve
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.base import Layer, Shape, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.ops import Pullback
from glassnet.ops.activations import ACTIVATIONS
from glassnet.ops.derivatives import op_of

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


@register("layer")
@dataclass(frozen=True)
class Activation(Layer):
    """y = activation(x), elementwise, or over the last axis for softmax."""

    activation: ActivationLike

    keeps_steps: ClassVar[bool] = True
    applies_activation: ClassVar[bool] = True

    def __post_init__(self) -> None:
        activation_op(self.activation, where="Activation")

    def output_shape(self, shape: Shape) -> Shape:
        if self.activation == "softmax" and not shape:
            raise GlassnetError(
                "softmax is over an axis of each example, but these are single numbers.",
                where="Activation",
                fix="Reshape the data to (examples, 1), or use sigmoid.",
            )
        return shape

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = activation_op(self.activation)(x)
        return y, weightless(back)
