"""`Activation`: an activation function as a layer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.base import Layer, Shape, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.ops import Pullback
from glassnet.ops.activations import ACTIVATIONS


def activation_op(name: str | None, *, where: str = "") -> Callable[[Any], tuple[Any, Pullback]]:
    """Return the op of an activation by name; None means linear."""
    op = ACTIVATIONS.get(name or "linear")
    if op is None:
        raise unknown("activation", name, ACTIVATIONS, where=where)
    return op


@register("layer")
@dataclass(frozen=True)
class Activation(Layer):
    """y = activation(x), elementwise, or over the last axis for softmax."""

    activation: str

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
