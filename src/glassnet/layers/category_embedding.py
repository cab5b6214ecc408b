"""Embeddings of those columns of a table that hold the numbers of categories."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.base import Layer, Shape, Weight
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.initializers import InitializerLike, get
from glassnet.ops import Pullback
from glassnet.ops.embedding import embed_columns


@register("layer")
@dataclass(frozen=True)
class CategoryEmbedding(Layer):
    """y = [x without `columns`, a learned vector for the value of each of them].

    x (N, F), of which column `columns[i]` holds whole numbers below `sizes[i]` -> y (N, F − C +
    Σ widths). A number outside is an error on NumPy and NaN under XLA. Source: Guo & Berkhahn 2016,
    "Entity embeddings of categorical variables".
    """

    columns: tuple[int, ...]
    sizes: tuple[int, ...]
    widths: tuple[int, ...]
    embeddings_initializer: InitializerLike = "uniform"

    learns: ClassVar[bool] = True
    any_scale: ClassVar[bool] = True

    def __post_init__(self) -> None:
        for name, least in (("columns", 0), ("sizes", 1), ("widths", 1)):
            where = f"CategoryEmbedding: {name}"
            numbers = tuple(whole_number(n, where, least) for n in getattr(self, name))
            if len(numbers) != len(self.columns) or not numbers:
                what = f"needs one number for each of the columns {self.columns}, got {numbers}."
                raise GlassnetError(what, where=where)
            object.__setattr__(self, name, numbers)
        if len(set(self.columns)) < len(self.columns):
            raise GlassnetError("a column is named twice.", where="CategoryEmbedding: columns")
        get(self.embeddings_initializer, where="CategoryEmbedding")

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 1 or shape[0] <= max(self.columns):
            raise GlassnetError(
                f"embeds column {max(self.columns)}, but examples have the shape {shape}.",
                where="CategoryEmbedding",
                fix="Give a matrix (rows, columns) with all of its columns.",
            )
        return (shape[0] - len(self.columns) + sum(self.widths),)

    def weights(self, shape: Shape) -> Tree:
        draw = get(self.embeddings_initializer)
        sizes = zip(self.columns, self.sizes, self.widths, strict=True)
        return {_place(c): {"embeddings": Weight((size, width), draw)} for c, size, width in sizes}

    def mean_vectors(self, params: Tree, counts: Sequence[Any]) -> Any:
        """The mean vector of each column, joined, if each value occurs so often.   (Σ widths,)"""
        pairs = zip(self.columns, counts, strict=True)
        means = [np.average(params[_place(c)]["embeddings"], 0, n) for c, n in pairs]
        return np.concatenate(means)

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        places = [_place(column) for column in self.columns]
        tables = [params[place]["embeddings"] for place in places]
        y, back = embed_columns(x, *tables, columns=self.columns)

        def pullback(dy: Array) -> tuple[Array, Tree]:
            dx, *gradients = back(dy)
            return dx, {p: {"embeddings": dw} for p, dw in zip(places, gradients, strict=True)}

        return y, pullback


def _place(column: int) -> str:
    return f"column_{column}"
