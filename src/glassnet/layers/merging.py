"""Layers that merge multiple inputs into one output. Keras's names and defaults."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import register
from glassnet.core.trees import Tree
from glassnet.layers.axes import checked_axes
from glassnet.layers.base import Layer, Shape, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.shapes import is_multi_input
from glassnet.ops import Pullback, merging
from glassnet.ops.masking import joint_mask
from glassnet.ops.normalization import unit_normalization


@dataclass(frozen=True)
class Merge(Layer):
    """Merges inputs elementwise; they are repeated along axes where another is longer.

    (N, C), (N, T, 1) and (N, T, C) fit, as in Keras: their axes are aligned at the end.
    """

    keeps_steps: ClassVar[bool] = True
    op: ClassVar[Callable[..., Any]]
    masked_op: ClassVar[Callable[..., Any] | None] = None  # if padding is left out of its values
    exactly: ClassVar[int | None] = None  # the exact number of inputs; None means any
    multi_input: ClassVar[bool] = True

    def output_shape(self, shape: Shape) -> Shape:
        shapes = multiple_shapes(shape, type(self).__name__)
        if self.exactly not in (None, len(shapes)):
            raise GlassnetError(
                f"takes {self.exactly} inputs, got {len(shapes)}.",
                where=type(self).__name__,
                fix="Call it on two inputs, then on its output and the next.",
            )
        if len(set(shapes)) == 1:
            return shapes[0]
        longest = max(map(len, shapes))
        aligned = ((1,) * (longest - len(axes)) + axes for axes in shapes)
        lengths = list(zip(*aligned, strict=True))
        if any(len({n for n in axis if n != 1}) > 1 for axis in lengths):
            raise GlassnetError(
                "needs inputs of the same shape, or of length 1 where they differ.",
                where=type(self).__name__,
                fix="Give the layers before it the same number of units or filters.",
            )
        return tuple(map(max, lengths))

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        masks, masked_op = _each(context.mask, x), type(self).masked_op
        same = len({array.shape for array in x}) == 1
        if masked_op is None or all(mask is None for mask in masks):
            masked_op = None
        elif not same:
            raise GlassnetError(
                "can't leave padding out of inputs of different shapes.",
                where=type(self).__name__,
                fix="Give the layers before it the same number of steps and units.",
            )
        arrays, back_broadcast = (x, _unchanged) if same else merging.broadcast(*x)
        y, back = masked_op(*arrays, masks=masks) if masked_op else type(self).op(*arrays)
        return y, weightless(lambda dy: back_broadcast(back(dy)))

    def output_mask(self, x: Array, mask: Any) -> Array | None:
        """A step is padding if it is padding in all inputs, as in Keras."""
        return joint_mask(_each(mask, x))


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
    """y = x₁ · x₂ · …, in which padding counts as 1; y = 0 at steps that are padding in all."""

    op: ClassVar[Callable[..., Any]] = staticmethod(merging.multiply)
    masked_op: ClassVar[Callable[..., Any] | None] = staticmethod(merging.masked_multiply)


@register("layer")
@dataclass(frozen=True)
class Average(Merge):
    """y = (x₁ + … + xₙ) / n."""

    op: ClassVar[Callable[..., Any]] = staticmethod(merging.average)
    keeps_probabilities: ClassVar[bool] = True


@register("layer")
@dataclass(frozen=True)
class Maximum(Merge):
    """y = max(x₁, …) of the inputs that are not padding; y = x₁ at steps where all are."""

    op: ClassVar[Callable[..., Any]] = staticmethod(merging.maximum)
    masked_op: ClassVar[Callable[..., Any] | None] = staticmethod(merging.masked_maximum)
    picks_largest: ClassVar[bool] = True


@register("layer")
@dataclass(frozen=True)
class Minimum(Merge):
    """y = min(x₁, …) of the inputs that are not padding; y = x₁ at steps where all are."""

    op: ClassVar[Callable[..., Any]] = staticmethod(merging.minimum)
    masked_op: ClassVar[Callable[..., Any] | None] = staticmethod(merging.masked_minimum)
    picks_largest: ClassVar[bool] = True  # of the negated inputs


@register("layer")
@dataclass(frozen=True)
class Concatenate(Layer):
    """The inputs concatenated along `axis` (axis 0 is the batch axis, as in Keras)."""

    axis: int = -1

    keeps_steps: ClassVar[bool] = True
    multi_input: ClassVar[bool] = True

    def output_shape(self, shape: Shape) -> Shape:
        shapes = multiple_shapes(shape, "Concatenate")
        ranks = {len(axes) for axes in shapes}
        axis = self.axis
        if len(ranks) > 1 or axis == 0 or not -min(ranks) <= axis <= min(ranks):
            raise GlassnetError(
                f"can't join its inputs along axis {axis}.",
                where="Concatenate",
                fix="Use inputs with the same number of axes, and any axis but the batch axis, 0.",
            )
        place = axis - 1 if axis > 0 else len(shapes[0]) + axis
        rests = {axes[:place] + axes[place + 1 :] for axes in shapes}
        if len(rests) > 1:
            raise GlassnetError(
                f"needs inputs whose shapes differ only along axis {axis}.",
                where="Concatenate",
                fix="Crop, pad or project them to the same shape first.",
            )
        total = sum(axes[place] for axes in shapes)
        return (*shapes[0][:place], total, *shapes[0][place + 1 :])

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = merging.concatenate(*x, axis=self.axis)
        return y, weightless(back)

    def output_mask(self, x: Array, mask: Any) -> Array | None:
        """As in Keras: along the steps, the masks are concatenated; along the features, a step is
        padding if it is padding in all inputs.
        """
        masks = _each(mask, x)
        if self.axis % x[0].ndim != 1:
            return joint_mask(masks)
        present = [m for m in masks if m is not None]
        if not present:
            return None
        xp = namespace(present[0])
        whole = (xp.ones(a.shape[:2], dtype=xp.bool) if m is None else m
                 for a, m in zip(x, masks, strict=True))  # fmt: skip
        return xp.concat(tuple(whole), axis=1)


@register("layer")
@dataclass(frozen=True)
class Dot(Layer):
    """y[n, i, j] = Σₖ a[n, i, k] b[n, k, j]: k is an axis of a and one of b, `axes`.

    i and j stand for the other axes, in order. Axis 0 is the batch axis. With `normalize`, vectors
    along k are scaled to length 1, so that y is their cosine similarity.
    """

    axes: int | tuple[int, int]
    normalize: bool = False

    ends_mask: ClassVar[bool] = True
    multi_input: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if isinstance(self.axes, list):
            object.__setattr__(self, "axes", tuple(self.axes))
        if not isinstance(self.axes, int) and len(self.axes) != 2:
            raise GlassnetError(f"axes must be one or two numbers, got {self.axes}.", where="Dot")

    def output_shape(self, shape: Shape) -> Shape:
        shapes = multiple_shapes(shape, "Dot")
        if len(shapes) != 2:
            raise GlassnetError(f"takes 2 inputs, got {len(shapes)}.", where="Dot")
        first, second = self._axes(*shapes)
        a, b = shapes
        if a[first - 1] != b[second - 1]:
            raise GlassnetError(
                f"multiplies axes of the same length, but they have {a[first - 1]} and "
                f"{b[second - 1]}.",
                where=f"Dot: axes={self.axes}",
                fix="Choose other axes, or project one input: Dense(units).",
            )
        rest = (*a[: first - 1], *a[first:], *b[: second - 1], *b[second:])
        return rest or (1,)

    def forward(
        self, params: Tree, x: Any, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        axes = self._axes(*(array.shape[1:] for array in x))
        backs: tuple[Any, ...] = (_unchanged, _unchanged)
        if self.normalize:
            pairs = (unit_normalization(a, axis, 1e-7) for a, axis in zip(x, axes, strict=True))
            x, backs = zip(*pairs, strict=True)
        a, b = x
        y, back_dot = merging.dot(a, b, axes)

        def pullback(dy: Array) -> tuple[Any, Tree]:
            grads = back_dot(dy.reshape(y.shape))
            return tuple(back(grad) for back, grad in zip(backs, grads, strict=True)), {}

        return y.reshape(len(y), -1) if y.ndim == 1 else y, pullback

    def output_mask(self, x: Array, mask: Any) -> None:
        return None

    def _axes(self, a: Shape, b: Shape) -> tuple[int, int]:
        axes = (self.axes, self.axes) if isinstance(self.axes, int) else self.axes
        return checked_axes(axes[0], a, "Dot")[0], checked_axes(axes[1], b, "Dot")[0]


def multiple_shapes(shape: Shape, where: str) -> tuple[Shape, ...]:
    """Return the shapes of multiple inputs; raises if there is only one."""
    if not is_multi_input(shape):
        raise GlassnetError(
            "takes multiple inputs, got one.",
            where=where,
            fix=f"Call it on nodes: {where}()(a, b).",
        )
    return tuple(shape)


def _each(mask: Any, x: Any) -> tuple[Array | None, ...]:
    """The mask of each input; one mask stands for all inputs."""
    return mask if isinstance(mask, tuple) else (mask,) * len(x)


def _unchanged(dy: Any) -> Any:
    return dy
