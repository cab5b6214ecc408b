"""Windows over steps or pixels, for convolution and pooling layers, and their shape checks."""

import math
from dataclasses import dataclass
from typing import Any, Self

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError, unknown
from glassnet.layers.base import Shape, is_multi_input
from glassnet.ops.padding import Widths
from glassnet.ops.windows import Sizes, counts, reach, widths_for

_AXES = {1: "(steps, channels)", 2: "(height, width, channels)"}


@dataclass(frozen=True)
class Windows:
    """The size, strides, dilation and padding of a layer's windows."""

    size: Sizes
    strides: Sizes
    dilation: Sizes
    padding: str

    @classmethod
    def checked(
        cls, where: str, rank: int, padding: str, *, causal: bool = False, **sizes: Any
    ) -> Self:
        """Check a layer's arguments, each of which may be one number for all axes."""
        values = {name: whole_numbers(sizes[name], rank, f"{where}: {name}") for name in sizes}
        size, strides, dilation = values.values()
        paddings = ("valid", "same", "causal") if causal else ("valid", "same")
        if padding not in paddings:
            raise unknown("padding", padding, paddings, where=where)
        if max(strides) > 1 and max(dilation) > 1:
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
        return "Put it before Flatten, or add Reshape((height, width, channels)) first."
    if rank == 1 and len(shape) > 2:
        rows = (shape[0], math.prod(shape[1:]))
        return f"Use the layer for two dimensions, or read row by row: add Reshape({rows}) first."
    return f"Add a Reshape to {_AXES[rank]} first."


def _hint(shape: Shape) -> str:
    """A hint for images whose channels come first."""
    if len(shape) == 3 and shape[0] in (1, 3, 4) and shape[-1] > 4:
        return " Channels come last here: put Permute((2, 3, 1)) before it."
    return ""


def _by(lengths: Sizes) -> str:
    return " × ".join(map(str, lengths))
