"""Which input values the numbers that a method attributes to belong to."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from glassnet.core.arrays import Array
from glassnet.layers.base import Shape
from glassnet.layers.shapes import one_or_tuple


@dataclass(frozen=True, eq=False)
class Layout:
    """`owner[k]` is the input value, counted through all inputs, that the number x[k] belongs to.

    An embedded token or category owns all the numbers of its vector; any other value owns itself.
    """

    shapes: tuple[Shape, ...]  # of the inputs
    owner: Array  # like x

    @classmethod
    def plain(cls, shape: Shape) -> Self:
        """The layout of a single input without embeddings."""
        return cls((shape,), np.arange(np.prod(shape, dtype=int)).reshape(shape))

    @cached_property
    def values(self) -> int:
        """The number of input values."""
        return sum(int(np.prod(shape)) for shape in self.shapes)

    @cached_property
    def positions(self) -> Array:
        """The position of each number of x: values that own numbers; of a pixel, all channels."""
        ends, groups = 0, []
        for shape in self.shapes:
            channels = shape[2] if len(shape) == 3 else 1
            groups.append(ends + np.arange(int(np.prod(shape))) // channels)
            ends += int(np.prod(shape)) // channels
        of_numbers = np.concatenate(groups)[self.owner]
        return np.unique(of_numbers, return_inverse=True)[1].reshape(self.owner.shape)

    def by_position(self, values: Array) -> Array:
        """The sum of the values of each position.   like x, or one per position -> (positions,)"""
        count = int(self.positions.max()) + 1
        if values.shape != self.positions.shape:  # one for each position of an image
            return values.reshape(-1)
        return np.bincount(self.positions.reshape(-1), values.reshape(-1), count)

    def folded(self, values: Array) -> Any:
        """The sum of the values of each input value: an array in the shape of each input."""
        if values.shape != self.owner.shape:  # one for each position of an image
            return values
        sums = np.bincount(self.owner.reshape(-1), values.reshape(-1), self.values)
        ends = np.cumsum([int(np.prod(shape)) for shape in self.shapes])
        parts = np.split(sums, ends[:-1])
        arrays = [part.reshape(shape) for part, shape in zip(parts, self.shapes, strict=True)]
        return one_or_tuple(arrays)
