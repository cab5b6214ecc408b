"""Zero-padding and cropping layers."""

from dataclasses import dataclass
from typing import Any, ClassVar

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.base import Layer, Shape, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.windows import lengths_of, whole_numbers
from glassnet.ops import Pullback
from glassnet.ops.padding import Widths, pad

Pair = tuple[int, int]
Pairs = tuple[int | Pair, int | Pair]


@dataclass(frozen=True)
class Framing(Layer):
    """x, padded with zeros or cropped."""

    rank: ClassVar[int]

    @property
    def widths(self) -> Widths:
        """The widths before and after each axis; negative widths are cropped."""
        raise NotImplementedError

    def output_shape(self, shape: Shape) -> Shape:
        where = type(self).__name__
        lengths = lengths_of(shape, self.rank, where)
        padded = [b + n + a for n, (b, a) in zip(lengths, self.widths, strict=True)]
        if min(padded) < 1:
            cut = tuple(-b - a for b, a in self.widths)
            raise GlassnetError(
                f"crops everything: {cut} of {tuple(lengths)} places.",
                where=where,
                fix="Crop less.",
            )
        return (*padded, shape[-1])

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
        pair = whole_numbers(self.padding, 2, "ZeroPadding1D: padding", 0)
        object.__setattr__(self, "padding", pair)

    @property
    def widths(self) -> Widths:
        layer: Any = self
        return (layer.padding,)


@register("layer")
@dataclass(frozen=True)
class ZeroPadding2D(Framing):
    """Zeros around the pixels: a number, one per axis, or a pair (before, after) per axis."""

    padding: int | Pairs = 1

    rank: ClassVar[int] = 2

    def __post_init__(self) -> None:
        object.__setattr__(self, "padding", _pairs(self.padding, "ZeroPadding2D: padding"))

    @property
    def widths(self) -> Widths:
        layer: Any = self
        return tuple(layer.padding)


@register("layer")
@dataclass(frozen=True)
class Cropping1D(Framing):
    """Crops steps before and after: a number for both, or a pair."""

    cropping: int | Pair = 1

    rank: ClassVar[int] = 1
    keeps_probabilities: ClassVar[bool] = True

    def __post_init__(self) -> None:
        pair = whole_numbers(self.cropping, 2, "Cropping1D: cropping", 0)
        object.__setattr__(self, "cropping", pair)

    @property
    def widths(self) -> Widths:
        layer: Any = self
        before, after = layer.cropping
        return ((-before, -after),)


@register("layer")
@dataclass(frozen=True)
class Cropping2D(Framing):
    """Crops pixels on all sides: a number, one per axis, or a pair (before, after) per axis."""

    cropping: int | Pairs = 0

    rank: ClassVar[int] = 2
    keeps_probabilities: ClassVar[bool] = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "cropping", _pairs(self.cropping, "Cropping2D: cropping"))

    @property
    def widths(self) -> Widths:
        layer: Any = self
        return tuple((-before, -after) for before, after in layer.cropping)


def _pairs(value: Any, name: str) -> Widths:
    """Return two pairs from a number, a number per axis, or a pair per axis."""
    axes = value if isinstance(value, tuple | list) else (value, value)
    if len(axes) != 2:
        raise GlassnetError(f"must be one or two numbers or pairs, got {value!r}.", where=name)
    (top, bottom), (left, right) = (whole_numbers(axis, 2, name, 0) for axis in axes)
    return (top, bottom), (left, right)
