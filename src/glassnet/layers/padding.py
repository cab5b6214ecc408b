"""Zero-padding and cropping layers."""

from dataclasses import dataclass
from typing import Any, ClassVar

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.base import Shape, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.windows import Spatial, lengths_of, whole_numbers
from glassnet.ops import Pullback
from glassnet.ops.padding import Widths, pad

# One number for all sides. For steps, a pair (before, after); else a number or a pair per axis.
Sides = int | tuple[int | tuple[int, int], ...]


@dataclass(frozen=True)
class Framing(Spatial):
    """x, padded with zeros or cropped."""

    name_of_sides: ClassVar[str]

    def __post_init__(self, data_format: str | None) -> None:
        """Convert the sides to a pair, or to a pair for each axis."""
        super().__post_init__(data_format)
        name, where = self.name_of_sides, type(self).__name__
        sides = _pairs(getattr(self, name), self.rank, f"{where}: {name}")
        object.__setattr__(self, name, sides if self.rank > 1 else sides[0])

    @property
    def sides(self) -> Widths:
        """The pair (before, after) of each axis."""
        pairs = getattr(self, self.name_of_sides)
        return tuple(pairs) if self.rank > 1 else (pairs,)

    @property
    def widths(self) -> Widths:
        """The widths before and after each axis; negative widths are cropped."""
        return self.sides

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


@dataclass(frozen=True)
class ZeroPadding(Framing):
    """Zeros before and after the positions of each axis."""

    padding: Sides = 1

    name_of_sides: ClassVar[str] = "padding"


@register("layer")
@dataclass(frozen=True)
class ZeroPadding1D(ZeroPadding):
    """Zeros before and after the steps: a number for both, or a pair."""

    rank: ClassVar[int] = 1


@register("layer")
@dataclass(frozen=True)
class ZeroPadding2D(ZeroPadding):
    """Zeros around the pixels: a number, one per axis, or a pair (before, after) per axis."""

    rank: ClassVar[int] = 2


@register("layer")
@dataclass(frozen=True)
class ZeroPadding3D(ZeroPadding):
    """Zeros around the voxels: a number, one per axis, or a pair (before, after) per axis."""

    rank: ClassVar[int] = 3


@dataclass(frozen=True)
class Cropping(Framing):
    """Crops positions before and after, along each axis."""

    cropping: Sides = 1

    keeps_probabilities: ClassVar[bool] = True
    name_of_sides: ClassVar[str] = "cropping"

    @property
    def widths(self) -> Widths:
        return tuple((-before, -after) for before, after in self.sides)


@register("layer")
@dataclass(frozen=True)
class Cropping1D(Cropping):
    """Crops steps before and after: a number for both, or a pair."""

    rank: ClassVar[int] = 1


@register("layer")
@dataclass(frozen=True)
class Cropping2D(Cropping):
    """Crops pixels on all sides: a number, one per axis, or a pair (before, after) per axis."""

    cropping: Sides = 0

    rank: ClassVar[int] = 2


@register("layer")
@dataclass(frozen=True)
class Cropping3D(Cropping):
    """Crops voxels on all sides: a number, one per axis, or a pair (before, after) per axis."""

    rank: ClassVar[int] = 3


@register("layer")
@dataclass(frozen=True)
class CenterCrop(Spatial):
    """Crops images (height, width, channels) to the pixels in their center.

    Of an odd number of rows or columns to crop, the larger part is after the center. Raises for an
    image that is smaller, which Keras enlarges.
    """

    height: int
    width: int

    rank: ClassVar[int] = 2
    keeps_probabilities: ClassVar[bool] = True

    def __post_init__(self, data_format: str | None) -> None:
        super().__post_init__(data_format)
        for name in ("height", "width"):
            number = whole_number(getattr(self, name), f"CenterCrop: {name}", 1)
            object.__setattr__(self, name, number)

    def output_shape(self, shape: Shape) -> Shape:
        height, width = lengths_of(shape, self.rank, "CenterCrop")
        if height < self.height or width < self.width:
            raise GlassnetError(
                f"can't crop {height} × {width} pixels to {self.height} × {self.width}.",
                where="CenterCrop",
                fix="Crop to at most the size of the images; UpSampling2D before it enlarges them.",
            )
        return (self.height, self.width, shape[-1])

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        cut = [n - m for n, m in zip(x.shape[1:3], (self.height, self.width), strict=True)]
        y, back = pad(x, tuple((-(n // 2), n // 2 - n) for n in cut))
        return y, weightless(back)


def _pairs(value: Any, rank: int, name: str) -> Widths:
    """Return a pair per axis from a number, from a number or pair per axis, or from one pair."""
    if rank == 1:
        value = (value,)
    axes = value if isinstance(value, tuple | list) else (value,) * rank
    if len(axes) != rank:
        raise GlassnetError(
            f"must be a number, or {rank} numbers or pairs, got {value!r}.", where=name
        )
    pairs = (whole_numbers(axis, 2, name, 0) for axis in axes)
    return tuple((before, after) for before, after in pairs)
