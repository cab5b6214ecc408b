"""Layers that put zeros around the places, or cut places off."""

from dataclasses import dataclass
from typing import Any, ClassVar

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.base import Layer, Shape, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.windows import lengths_of, numbers
from glassnet.ops import Pullback
from glassnet.ops.padding import Widths, pad

Pair = tuple[int, int]
Pairs = tuple[int | Pair, int | Pair]


@dataclass(frozen=True)
class Framing(Layer):
    """x in a frame, or freed of one."""

    rank: ClassVar[int]

    @property
    def widths(self) -> Widths:
        """The frame's widths, before and after, for each axis; negative ones are cut off."""
        raise NotImplementedError

    def output_shape(self, shape: Shape) -> Shape:
        where = type(self).__name__
        lengths = lengths_of(shape, self.rank, where)
        framed = [b + n + a for n, (b, a) in zip(lengths, self.widths, strict=True)]
        if min(framed) < 1:
            cut = tuple(-b - a for b, a in self.widths)
            raise GlassnetError(
                f"cuts everything off: {cut} places of {tuple(lengths)}.",
                where=where,
                fix="Crop less.",
            )
        return (*framed, shape[-1])

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = pad(x, self.widths)
        return y, weightless(back)


@register("layer")
@dataclass(frozen=True)
class ZeroPadding1D(Framing):
    """Zeros before and after the steps: a number for both, or a pair."""

    padding: int | Pair = 1

    rank: ClassVar[int] = 1

    def __post_init__(self) -> None:
        pair = numbers(self.padding, 2, "ZeroPadding1D: padding", 0)
        object.__setattr__(self, "padding", pair)

    @property
    def widths(self) -> Widths:
        given: Any = self
        return (given.padding,)


@register("layer")
@dataclass(frozen=True)
class ZeroPadding2D(Framing):
    """Zeros around the pixels: a number, one an axis, or a pair (before, after) an axis."""

    padding: int | Pairs = 1

    rank: ClassVar[int] = 2

    def __post_init__(self) -> None:
        object.__setattr__(self, "padding", _pairs(self.padding, "ZeroPadding2D: padding"))

    @property
    def widths(self) -> Widths:
        given: Any = self
        return tuple(given.padding)


@register("layer")
@dataclass(frozen=True)
class Cropping1D(Framing):
    """Steps cut off before and after: a number for both, or a pair."""

    cropping: int | Pair = 1

    rank: ClassVar[int] = 1
    keeps_probabilities: ClassVar[bool] = True

    def __post_init__(self) -> None:
        pair = numbers(self.cropping, 2, "Cropping1D: cropping", 0)
        object.__setattr__(self, "cropping", pair)

    @property
    def widths(self) -> Widths:
        given: Any = self
        before, after = given.cropping
        return ((-before, -after),)


@register("layer")
@dataclass(frozen=True)
class Cropping2D(Framing):
    """Pixels cut off all around: a number, one an axis, or a pair (before, after) an axis."""

    cropping: int | Pairs = 0

    rank: ClassVar[int] = 2
    keeps_probabilities: ClassVar[bool] = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "cropping", _pairs(self.cropping, "Cropping2D: cropping"))

    @property
    def widths(self) -> Widths:
        given: Any = self
        return tuple((-before, -after) for before, after in given.cropping)


def _pairs(value: Any, name: str) -> Widths:
    """Two pairs, of a number, a number an axis, or a pair an axis."""
    axes = value if isinstance(value, tuple | list) else (value, value)
    if len(axes) != 2:
        raise GlassnetError(f"must be one or two numbers or pairs, got {value!r}.", where=name)
    (top, bottom), (left, right) = (numbers(axis, 2, name, 0) for axis in axes)
    return (top, bottom), (left, right)
