"""`Residual`: layers with a shortcut around them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, Self

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.activity import forward_penalized
from glassnet.layers.base import Blocks, Layer, Shape
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.merging import Add
from glassnet.layers.network import Network
from glassnet.layers.sequential import Sequential
from glassnet.ops import Pullback
from glassnet.ops.masking import joint_mask


@register("layer")
@dataclass(frozen=True)
class Residual(Network):
    """y = shortcut(x) + layerₙ(… layer₁(x)); without a shortcut, x itself is added.

    Source: He et al. 2016, "Deep residual learning for image recognition".
    """

    layers: tuple[Layer, ...]
    shortcut: tuple[Layer, ...] = ()

    sign: ClassVar[str] = "+"
    merge: ClassVar[Layer | None] = Add()

    def __post_init__(self) -> None:
        for name in ("layers", "shortcut"):
            object.__setattr__(self, name, Sequential(getattr(self, name)).layers)

    @cached_property
    def parts(self) -> tuple[tuple[str, Layer], ...]:
        return (("body", Sequential(self.layers)), ("shortcut", Sequential(self.shortcut)))

    @property
    def ends(self) -> tuple[int, ...]:
        return (1, 2)

    def with_parts(self, parts: Mapping[str, Layer]) -> Self:
        body, shortcut = (parts.get(name, part) for name, part in self.parts)
        return replace(self, layers=vars(body)["layers"], shortcut=vars(shortcut)["layers"])

    def output_shape(self, shape: Shape) -> Shape:
        body, shortcut = (layer.output_shape(shape) for _, layer in self.parts)
        if body != shortcut:
            raise GlassnetError(
                f"its layers output {body}, but its shortcut {shortcut}; they can't be added.",
                where="Residual",
                fix="Use layers that keep the shape, or a shortcut with the same output shape.",
            )
        return body

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        calls = [context.child(name, context.wrt_x, context.mask) for name, _ in self.parts]
        (body, back_body), (shortcut, back_shortcut) = (
            forward_penalized(layer, params.get(name, {}), x, inner)
            for (name, layer), inner in zip(self.parts, calls, strict=True)
        )
        if context.masks is not None:  # like the mask of an Add
            branches = zip(self.parts, calls, strict=True)
            context.masks[:] = [
                joint_mask(tuple(layer.mask_after(x, c) for (_, layer), c in branches))
            ]

        def pullback(dy: Array) -> tuple[Array | None, Tree]:
            (dx, *grads), (dx_shortcut, *grads_shortcut) = back_body(dy), back_shortcut(dy)
            named = zip(("body", "shortcut"), grads + grads_shortcut, strict=True)
            return dx + dx_shortcut if context.wrt_x else None, {n: g for n, g in named if g}

        return body + shortcut, pullback

    def adapted(self, params: Tree, blocks: Blocks) -> Tree:
        return {n: layer.adapted(params[n], blocks) for n, layer in self.parts if n in params}
