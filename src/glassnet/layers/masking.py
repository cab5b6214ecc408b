"""Steps that are only padding, told by their numbers."""

from dataclasses import dataclass
from typing import ClassVar

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.base import Layer, Shape, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.ops import Pullback
from glassnet.ops.masking import keep_steps


@register("layer")
@dataclass(frozen=True)
class Masking(Layer):
    """Marks the steps whose features are all `mask_value`: the layers after it pass them over.

    y (N, T, n) = x, and 0 at the marked steps.
    """

    mask_value: float = 0.0

    keeps_steps: ClassVar[bool] = True

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) < 2:
            raise GlassnetError(
                "marks steps: it needs examples of shape (steps, features).",
                where="Masking",
                fix="For whole numbers that stand for words: Embedding(..., mask_zero=True).",
            )
        return shape

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = keep_steps(x, self.output_mask(x, None))
        return y, weightless(back)

    def output_mask(self, x: Array, mask: Array | None) -> Array:
        steps: Array = (x != self.mask_value).any(axis=-1)
        return steps
