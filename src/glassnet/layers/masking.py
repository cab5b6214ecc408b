"""`Masking`: masks padding steps, recognized by their values."""

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
