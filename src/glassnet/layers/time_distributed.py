"""`TimeDistributed`: one layer applied to every step of a sequence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, Self

from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import register
from glassnet.core.trees import Tree
from glassnet.layers.base import Blocks, Layer, Shape
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.ops import Pullback


@register("layer")
@dataclass(frozen=True)
class TimeDistributed(Layer):
    """y[:, t] = layer(x[:, t]): each step is treated as an example.

    x (N, T, ...) -> y (N, T, ...). Its weights are those of the layer.
    """

    layer: Layer

    keeps_steps: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.layer.output_count > 1:
            raise GlassnetError(
                f"its layer has {self.layer.output_count} outputs; it takes layers with one.",
                where="TimeDistributed",
                fix="Leave out return_state or return_attention_scores, or wrap a model that has "
                "one of the outputs.",
            )
        if any(layer.activity_penalty is not None for _, layer in self.layer.walk()):
            raise GlassnetError(
                "would not apply the activity_regularizer of the layer in it; Keras ignores it.",
                where="TimeDistributed",
                fix="Put an ActivityRegularization layer after it.",
            )

    @cached_property
    def parts(self) -> tuple[tuple[str, Layer], ...]:
        return (("layer", self.layer),)

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) < 2:
            raise GlassnetError(
                "applies a layer to each step: it needs examples of shape (steps, ...).",
                where="TimeDistributed",
                fix="Without steps, use the layer itself.",
            )
        return (shape[0], *self.layer.output_shape(shape[1:]))

    def with_parts(self, parts: Mapping[str, Layer]) -> Self:
        return replace(self, layer=parts["layer"])

    def shapes(self, shape: Shape) -> list[Shape]:
        return super().shapes(shape[1:])

    def largest_product(self, shape: Shape) -> int:
        return int(shape[0]) * super().largest_product(shape)

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        flat = _merge_steps(x)
        inner = context.child("layer", context.wrt_x, _step_mask(context.mask, flat))
        y, back = self.layer.forward(params.get("layer", {}), flat, inner)

        def pullback(dy: Array) -> tuple[Array | None, Tree]:
            dx, grads = back(_merge_steps(dy))
            return None if dx is None else dx.reshape(x.shape), {"layer": grads} if grads else {}

        return y.reshape(*x.shape[:2], *y.shape[1:]), pullback

    def adapted(self, params: Tree, blocks: Blocks) -> Tree:
        if not params:
            return params

        def steps() -> Iterable[Array]:
            return (_merge_steps(block) for block in blocks())

        return {"layer": self.layer.adapted(params["layer"], steps)}


def _merge_steps(x: Array) -> Array:
    """Return (N, T, ...) as (N · T, ...)."""
    return x.reshape(x.shape[0] * x.shape[1], *x.shape[2:])


def _step_mask(mask: Array | None, flat: Array) -> Array | None:
    """The mask of the merged steps; if they have inner steps, it is the same for all of those."""
    if mask is None or flat.ndim < 3:
        return mask if mask is None else mask.reshape(-1)
    return namespace(mask).broadcast_to(mask.reshape(-1, 1), flat.shape[:2])
