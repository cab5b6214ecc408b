"""Layers over steps, pixels or voxels: their windows and the checks of their shapes."""

import math
from collections.abc import Sequence
from dataclasses import InitVar, dataclass, field
from typing import Any, ClassVar, Self

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError, unknown
from glassnet.layers.base import Layer, Shape
from glassnet.layers.shapes import is_multi_input
from glassnet.ops.padding import Widths
from glassnet.ops.windows import Sizes, counts, reach, widths_for

_AXES = {
    1: "(steps, channels)",
    2: "(height, width, channels)",
    3: "(depth, height, width, channels)",
}


def require_channels_last(data_format: str | None, where: str, rank: int = 2) -> None:
    """Raise unless Keras's `data_format` is the one that all layers have here."""
    if data_format == "channels_first":
        moved = (*range(2, rank + 2), 1)
        raise GlassnetError(
            f"takes examples of {_AXES[rank]}: data_format can't be 'channels_first'.",
            where=where,
            fix=f"Leave it out, and put Permute({moved}) first or store the data with "
            "np.moveaxis(x, 1, -1).",
        )
    if data_format not in (None, formats := "channels_last"):
        raise unknown("data_format", data_format, (formats, "channels_first"), where=where)


@dataclass(frozen=True)
class Spatial(Layer):
    """A layer over examples with `rank` axes of positions, before that of the channels."""

    data_format: InitVar[str | None] = field(default="channels_last", kw_only=True)

    rank: ClassVar[int]

    def __post_init__(self, data_format: str | None) -> None:
        require_channels_last(data_format, type(self).__name__, self.rank)


@dataclass(frozen=True)
class Windows:
    """The size, strides, dilation and padding of a layer's windows."""

    size: Sizes
    strides: Sizes
    dilation: Sizes
    padding: str

    @classmethod
    def checked(
        cls,
        where: str,
        rank: int,
        padding: str,
        *,
        paddings: Sequence[str] = ("valid", "same"),
        dilated_strides: bool = False,
        **sizes: Any,
    ) -> Self:
        """Check a layer's arguments, each of which may be one number for all axes."""
        values = {name: whole_numbers(sizes[name], rank, f"{where}: {name}") for name in sizes}
        size, strides, dilation = values.values()
        padding = padding.lower() if isinstance(padding, str) else padding
        if padding not in paddings:
            raise unknown("padding", padding, paddings, where=where)
        if max(strides) > 1 and max(dilation) > 1 and not dilated_strides:
            raise GlassnetError(
                f"has strides {strides} and dilation_rate {dilation}.",
                where=where,
                fix="One of them must be 1, as in Keras.",
            )
        return cls(size, strides, dilation, padding)

    def widths(self, lengths: Sizes) -> Widths:
        """The widths before and after each axis that `padding` requires."""
        return widths_for(self.padding, lengths, self.size, self.strides, self.dilation)

    def counts(self, shape: Shape, where: str) -> Sizes:
        """The number of windows along each axis for examples of `shape`; raises if none fits."""
        lengths = lengths_of(shape, len(self.size), where)
        padded = tuple(b + n + a for n, (b, a) in zip(lengths, self.widths(lengths), strict=True))
        windows = counts(padded, self.size, self.strides, self.dilation)
        if min(windows) < 1:
            raise GlassnetError(
                f"a window spans {_by(reach(self.size, self.dilation))} places, but there are only "
                f"{_by(lengths)}.",
                where=where,
                fix=f'Use a smaller window, padding="same", or less pooling before.{_hint(shape)}',
            )
        return windows


def whole_numbers(value: Any, rank: int, name: str, least: int = 1) -> Sizes:
    """Return `rank` whole numbers; a single number is used for all."""
    values = tuple(value) if isinstance(value, tuple | list) else (value,) * rank
    if len(values) != rank:
        raise GlassnetError(f"must be {rank} whole numbers, got {value!r}.", where=name)
    return tuple(whole_number(n, name, least) for n in values)


def lengths_of(shape: Shape, rank: int, where: str) -> Sizes:
    """The lengths of the axes before the channels; raises if examples have other axes."""
    if len(shape) == rank + 1 and not is_multi_input(shape):
        return tuple(shape[:-1])
    raise GlassnetError(
        f"needs examples of {_AXES[rank]}.", where=where, fix=_reshape_hint(shape, rank)
    )


def _reshape_hint(shape: Shape, rank: int) -> str:
    if is_multi_input(shape):
        return "It takes one input; join multiple inputs with Concatenate() first."
    if len(shape) == rank:
        return f"The channels' axis is missing: add Reshape({(*shape, 1)}) first."
    if len(shape) == 1:
        return f"Put it before Flatten, or add Reshape({_AXES[rank]}) first."
    if rank == 1 and len(shape) == 3:
        rows = (shape[0], math.prod(shape[1:]))
        return f"Use the layer for two dimensions, or read row by row: add Reshape({rows}) first."
    return f"Add a Reshape to {_AXES[rank]} first."


def _hint(shape: Shape) -> str:
    """A hint for images and volumes whose channels come first."""
    if len(shape) > 2 and shape[0] in (1, 3, 4) and shape[-1] > 4:
        moved = (*range(2, len(shape) + 1), 1)
        return f" Channels come last here: put Permute({moved}) before it."
    return ""


def _by(lengths: Sizes) -> str:
    return " × ".join(map(str, lengths))
