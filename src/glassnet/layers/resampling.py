"""Layers that enlarge sequences, images and volumes without weights."""

from dataclasses import dataclass
from typing import Any, ClassVar

from glassnet.core.errors import unknown
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.base import Shape, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.windows import Spatial, lengths_of, whole_numbers
from glassnet.ops import ArrayPullback, Pullback
from glassnet.ops.resampling import INTERPOLATIONS, interpolate_places, repeat_places
from glassnet.ops.windows import Sizes


@dataclass(frozen=True)
class UpSampling(Spatial):
    """Each position becomes a block of `size` equal ones, along each axis."""

    size: int | tuple[int, ...] = 2

    keeps_probabilities: ClassVar[bool] = True

    def __post_init__(self, data_format: str | None) -> None:
        super().__post_init__(data_format)
        sizes = whole_numbers(self.size, self.rank, f"{type(self).__name__}: size")
        object.__setattr__(self, "size", sizes if self.rank > 1 else sizes[0])

    @property
    def sizes(self) -> Sizes:
        """The factor of each axis."""
        return self.size if isinstance(self.size, tuple) else (self.size,) * self.rank

    def output_shape(self, shape: Shape) -> Shape:
        lengths = lengths_of(shape, self.rank, type(self).__name__)
        return (*(n * size for n, size in zip(lengths, self.sizes, strict=True)), shape[-1])

    def enlarged(self, x: Array) -> tuple[Array, ArrayPullback]:
        """Return the enlarged x and the pullback."""
        return repeat_places(x, self.sizes)

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = self.enlarged(x)
        return y, weightless(back)


@register("layer")
@dataclass(frozen=True)
class UpSampling1D(UpSampling):
    """x (N, steps, C) -> y (N, size · steps, C), each step repeated."""

    rank: ClassVar[int] = 1


@register("layer")
@dataclass(frozen=True)
class UpSampling2D(UpSampling):
    """x (N, H, W, C) -> y (N, size₁ H, size₂ W, C), each pixel repeated ("nearest") or
    interpolated ("bilinear", "bicubic", "lanczos3", "lanczos5").
    """

    interpolation: str = "nearest"

    rank: ClassVar[int] = 2

    def __post_init__(self, data_format: str | None) -> None:
        super().__post_init__(data_format)
        names: Any = ("nearest", *INTERPOLATIONS)
        if self.interpolation not in names:
            raise unknown("interpolation", self.interpolation, names, where="UpSampling2D")
        positive = self.interpolation in ("nearest", "bilinear")  # all weights of the kernel
        object.__setattr__(self, "keeps_probabilities", positive)

    def enlarged(self, x: Array) -> tuple[Array, ArrayPullback]:
        if self.interpolation == "nearest":
            return super().enlarged(x)
        return interpolate_places(x, self.sizes, self.interpolation)


@register("layer")
@dataclass(frozen=True)
class UpSampling3D(UpSampling):
    """x (N, D, H, W, C) -> y (N, size₁ D, size₂ H, size₃ W, C), each voxel repeated."""

    rank: ClassVar[int] = 3
