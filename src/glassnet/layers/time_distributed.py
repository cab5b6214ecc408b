"""One layer for every step of a sequence."""

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
    """y[:, t] = layer(x[:, t]): the steps stand in line as if each were an example.

    x (N, T, ...) -> y (N, T, ...). Its weights are the layer's own.
    """

    layer: Layer

    keeps_steps: ClassVar[bool] = True

    @cached_property
    def parts(self) -> tuple[tuple[str, Layer], ...]:
        return (("layer", self.layer),)

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) < 2:
            raise GlassnetError(
                "applies a layer to each step: it needs examples of shape (steps, ...).",
                where="TimeDistributed",
                fix="Without steps, take the layer itself.",
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
        line = _in_line(x)
        inner = context.child("layer", context.wrt_x, _mask_in_line(context.mask, line))
        y, back = self.layer.forward(params.get("layer", {}), line, inner)

        def pullback(dy: Array) -> tuple[Array | None, Tree]:
            dx, grads = back(_in_line(dy))
            return None if dx is None else dx.reshape(x.shape), {"layer": grads} if grads else {}

        return y.reshape(*x.shape[:2], *y.shape[1:]), pullback

    def adapt(self, params: Tree, blocks: Blocks) -> Tree:
        if not params:
            return params

        def steps() -> Iterable[Array]:
            return (_in_line(block) for block in blocks())

        return {"layer": self.layer.adapt(params["layer"], steps)}


def _in_line(x: Array) -> Array:
    """(N, T, ...) as (N · T, ...)."""
    return x.reshape(x.shape[0] * x.shape[1], *x.shape[2:])


def _mask_in_line(mask: Array | None, line: Array) -> Array | None:
    """The mask of the line: where its examples have steps of their own, all of them alike."""
    if mask is None or line.ndim < 3:
        return mask if mask is None else mask.reshape(-1)
    return namespace(mask).broadcast_to(mask.reshape(-1, 1), line.shape[:2])
