"""Layers that make one of several inputs. Keras's names and defaults."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from glassnet.core.arrays import as_tuple
from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import register
from glassnet.core.trees import Tree
from glassnet.layers.base import Layer, Shape, is_multi_input, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.ops import Pullback, merging


@dataclass(frozen=True)
class Merge(Layer):
    """Elementwise, of inputs of one shape."""

    keeps_steps: ClassVar[bool] = True
    op: ClassVar[Callable[..., Any]]
    exactly: ClassVar[int | None] = None  # so many inputs, no more
    multi_input: ClassVar[bool] = True

    def output_shape(self, shape: Shape) -> Shape:
        shapes = several(shape, type(self).__name__)
        if self.exactly not in (None, len(shapes)):
            raise GlassnetError(
                f"takes {self.exactly} inputs, gets {len(shapes)}.",
                where=type(self).__name__,
                fix="Call it on two, and on what it makes and the next.",
            )
        if len(set(shapes)) > 1:
            raise GlassnetError(
                "needs inputs of one shape.",
                where=type(self).__name__,
                fix="Give the layers before it the same number of units or filters.",
            )
        return tuple(shapes[0])

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = type(self).op(*x)
        return y, weightless(back)

    def output_mask(self, x: Array, mask: Any) -> Array | None:
        """A step is padding where it is in all inputs, as in Keras."""
        return joint(mask)


@register("layer")
@dataclass(frozen=True)
class Add(Merge):
    """y = x₁ + x₂ + …"""

    op: ClassVar[Callable[..., Any]] = staticmethod(merging.add)


@register("layer")
@dataclass(frozen=True)
class Subtract(Merge):
    """y = x₁ − x₂."""

    op: ClassVar[Callable[..., Any]] = staticmethod(merging.subtract)
    exactly: ClassVar[int | None] = 2


@register("layer")
@dataclass(frozen=True)
class Multiply(Merge):
    """y = x₁ · x₂ · …"""

    op: ClassVar[Callable[..., Any]] = staticmethod(merging.multiply)


@register("layer")
@dataclass(frozen=True)
class Average(Merge):
    """y = (x₁ + … + xₙ) / n."""

    op: ClassVar[Callable[..., Any]] = staticmethod(merging.average)
    keeps_probabilities: ClassVar[bool] = True


@register("layer")
@dataclass(frozen=True)
class Maximum(Merge):
    """y = max(x₁, …)."""

    op: ClassVar[Callable[..., Any]] = staticmethod(merging.maximum)
    picks_largest: ClassVar[bool] = True


@register("layer")
@dataclass(frozen=True)
class Concatenate(Layer):
    """The inputs side by side along `axis` (which counts the batch axis, as in Keras)."""

    axis: int = -1

    keeps_steps: ClassVar[bool] = True
    multi_input: ClassVar[bool] = True

    def output_shape(self, shape: Shape) -> Shape:
        shapes = several(shape, "Concatenate")
        ranks = {len(one) for one in shapes}
        axis = self.axis
        if len(ranks) > 1 or axis == 0 or not -min(ranks) <= axis <= min(ranks):
            raise GlassnetError(
                f"can't join these along axis {axis}.",
                where="Concatenate",
                fix="Give inputs with the same number of axes, and an axis after the batch's, 0.",
            )
        place = axis - 1 if axis > 0 else len(shapes[0]) + axis
        rests = {one[:place] + one[place + 1 :] for one in shapes}
        if len(rests) > 1:
            raise GlassnetError(
                f"needs inputs that are alike but for axis {axis}.",
                where="Concatenate",
                fix="Crop, pad or project them to the same shape first.",
            )
        total = sum(one[place] for one in shapes)
        return (*shapes[0][:place], total, *shapes[0][place + 1 :])

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = merging.concatenate(*x, axis=self.axis)
        return y, weightless(back)

    def output_mask(self, x: Array, mask: Any) -> Array | None:
        """As in Keras: along the steps, one mask after the other; along the features, a step is
        padding where it is in all inputs.
        """
        if self.axis % x[0].ndim != 1:
            return joint(mask)
        masks = mask if isinstance(mask, tuple) else (mask,) * len(x)
        known = [m for m in masks if m is not None]
        if not known:
            return None
        xp = namespace(known[0])
        whole = (xp.ones(a.shape[:2], dtype=xp.bool) if m is None else m
                 for a, m in zip(x, masks, strict=True))  # fmt: skip
        return xp.concat(tuple(whole), axis=1)


def several(shape: Shape, where: str) -> tuple[Shape, ...]:
    """The shapes of several inputs; raises if there is only one."""
    if not is_multi_input(shape):
        raise GlassnetError(
            "takes several inputs, gets one.",
            where=where,
            fix=f"Call it on nodes: {where}()(a, b).",
        )
    return tuple(shape)


def joint(masks: Any) -> Array | None:
    """The mask of what is made of all inputs: a step is padding where it is in all of them."""
    known = [mask for mask in as_tuple(masks) if mask is not None]
    if not known or len(known) < len(masks):
        return None
    joined: Array = reduce(or_, known)
    return joined
