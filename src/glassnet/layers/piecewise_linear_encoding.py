"""Encoding of those columns of a table that hold numbers: how much of each bin a number fills."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import ClassVar

import numpy as np

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.base import Layer, Shape, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.ops import Pullback
from glassnet.ops.encoding import encode_piecewise


@register("layer")
@dataclass(frozen=True)
class PiecewiseLinearEncoding(Layer):
    """y = [x, scale · e], where e has a value for each bin of each of the `columns`, in order.

    x (N, F) -> y (N, F + bins). With the `boundaries` b₀ < b₁ < … of a column, such as the
    quantiles of its training rows, e is 1 for the bins below a number, 0 for those above it, and
    (x − bᵢ) / (bᵢ₊₁ − bᵢ) for its own: a linear function of e is piecewise linear in x. Source:
    Gorishniy et al. 2022, "On embeddings for numerical features in tabular deep learning".
    """

    columns: tuple[int, ...]
    boundaries: tuple[tuple[float, ...], ...]
    scale: float = 1.0

    any_scale: ClassVar[bool] = True

    def __post_init__(self) -> None:
        where = "PiecewiseLinearEncoding"
        columns = tuple(whole_number(n, f"{where}: columns", 0) for n in self.columns)
        if not columns or len(set(columns)) < len(columns):
            raise GlassnetError("needs columns, each named once.", where=f"{where}: columns")
        if len(self.boundaries) != len(columns):
            raise GlassnetError(
                f"needs those of {len(columns)} columns, got {len(self.boundaries)}.",
                where=f"{where}: boundaries",
            )
        for ends in self.boundaries:
            ends32 = np.asarray(ends, np.float32)
            if ends32.ndim != 1 or len(ends32) < 2 or not (np.diff(ends32) > 0).all():
                raise GlassnetError(
                    f"must be two or more rising numbers for each column, got {ends!r:.80}.",
                    where=f"{where}: boundaries",
                )
        if not (0 < self.scale < np.inf):
            raise GlassnetError(f"must be above 0, got {self.scale}.", where=f"{where}: scale")
        rising = tuple(tuple(float(end) for end in ends) for ends in self.boundaries)
        object.__setattr__(self, "columns", columns)
        object.__setattr__(self, "boundaries", rising)

    @cached_property
    def bins(self) -> tuple[tuple[int, float, float], ...]:
        """The column, the start and the end of each bin."""
        return tuple(
            (column, *bin_)
            for column, ends in zip(self.columns, self.boundaries, strict=True)
            for bin_ in pairwise(ends)
        )

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 1 or shape[0] <= max(self.columns):
            raise GlassnetError(
                f"encodes column {max(self.columns)}, but examples have the shape {shape}.",
                where="PiecewiseLinearEncoding",
                fix="Give a matrix (rows, columns) with all of its columns.",
            )
        return (shape[0] + len(self.bins),)

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        columns, starts, ends = zip(*self.bins, strict=True)
        y, back = encode_piecewise(x, columns, starts, ends, self.scale)
        return y, weightless(back)
