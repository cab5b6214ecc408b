"""The best constant predictions, to which those of a network are compared."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.data.targets import Counts, Labels, Numbers


@dataclass(frozen=True, eq=False)
class Constants:
    """The mean and the median of each of K targets over the training rows, both (K,)."""

    mean: Array
    median: Array

    @classmethod
    def of(cls, train: Array) -> Self:
        """Return those of true values (M, K)."""
        return cls(train.mean(axis=0), np.median(train, axis=0))

    @classmethod
    def of_target(cls, target: Numbers | Counts | Labels) -> Self:
        """Return those in a model's file. Raises GlassnetError if there are none."""
        mean, median = np.array(target.mean), np.array(target.median)
        if len(mean) != len(target.names) or len(median) != len(target.names):
            raise GlassnetError(
                "has no constants to compare its predictions with.",
                where="the model",
                fix="It was trained by an earlier version: train it again.",
            )
        return cls(mean, median)
