"""Layers that mask steps: by their values, or by a mask that is another input."""

from dataclasses import dataclass
from typing import Any, ClassVar

from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import namespace
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.base import Layer, Shape, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.shapes import is_multi_input
from glassnet.ops import Pullback
from glassnet.ops.masking import keep_steps


@register("layer")
@dataclass(frozen=True)
class Masking(Layer):
    """Masks the steps whose features are all `mask_value`, so that later layers skip them.

    y (N, T, n) = x, and 0 at the masked steps.
    """

    mask_value: float = 0.0

    keeps_steps: ClassVar[bool] = True

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) < 2:
            raise GlassnetError(
                "masks steps: it needs examples of shape (steps, features).",
                where="Masking",
                fix="For token ids: Embedding(..., mask_zero=True).",
            )
        return shape

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = keep_steps(x, self.output_mask(x, None))
        return y, weightless(back)

    def output_mask(self, x: Array, mask: Array | None) -> Array:
        return (x != self.mask_value).any(axis=-1)


@register("layer")
@dataclass(frozen=True)
class AttachMask(Layer):
    """Returns its first input, masked by the second: what `layer(x, mask=m)` calls the layer on.

    x (N, T, ...), m (N, T), 0 or False for the steps to skip -> y = x.
    """

    multi_input: ClassVar[bool] = True
    keeps_steps: ClassVar[bool] = True
    rearranges: ClassVar[bool] = True
    keeps_probabilities: ClassVar[bool] = True

    def output_shape(self, shape: Shape) -> Shape:
        if (
            not is_multi_input(shape)
            or len(shape) != 2
            or len(shape[1]) != 1
            or not (shape[0][:1] == shape[1])
        ):
            raise GlassnetError(
                "needs a mask with one number for each step.",
                where="mask",
                fix="For examples of shape (steps, ...), use Input((steps,)).",
            )
        return tuple(shape[0])

    def forward(
        self, params: Tree, x: Any, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        value, mask = x
        return value, weightless(lambda dy: (dy, namespace(mask).zeros_like(mask)))

    def output_mask(self, x: Any, mask: Any) -> Array:
        return x[1] != 0
