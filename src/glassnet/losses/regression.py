"""Losses of numbers."""

import math
from dataclasses import dataclass
from typing import ClassVar

from glassnet.core.protocols import Array
from glassnet.core.registry import register
from glassnet.losses.base import Loss, require
from glassnet.ops import ArrayPullback
from glassnet.ops import losses as ops


@register("loss", "poisson")
@dataclass(frozen=True)
class Poisson(Loss):
    """The mean over the outputs of y − t log y, for target counts; outputs must be positive."""

    allowed: ClassVar[tuple[float, float]] = (0, math.inf)
    ends_in: ClassVar[tuple[str, ...]] = ("softplus", "relu", "sigmoid", "softmax", "exponential")

    each = staticmethod(ops.poisson)


@register("loss", "mean_squared_error", "mse", "MSE")
@dataclass(frozen=True)
class MeanSquaredError(Loss):
    """The mean over the outputs of (y − t)²."""

    each = staticmethod(ops.mean_squared_error)


@register("loss", "mean_absolute_error", "mae", "MAE")
@dataclass(frozen=True)
class MeanAbsoluteError(Loss):
    """The mean over the outputs of |y − t|."""

    each = staticmethod(ops.mean_absolute_error)


@register("loss", "mean_absolute_percentage_error", "mape", "MAPE")
@dataclass(frozen=True)
class MeanAbsolutePercentageError(Loss):
    """The mean over the outputs of 100 |y − t| / |t|; targets near 0 make it large."""

    each = staticmethod(ops.mean_absolute_percentage_error)


@register("loss", "mean_squared_logarithmic_error", "msle", "MSLE")
@dataclass(frozen=True)
class MeanSquaredLogarithmicError(Loss):
    """The mean over the outputs of (log(1 + y) − log(1 + t))², with negative values as 0."""

    each = staticmethod(ops.mean_squared_logarithmic_error)


@register("loss", "squared_error")
@dataclass(frozen=True)
class SquaredError(Loss):
    """½ Σ (y − t)² over the outputs: the textbook cost, C/2 times the mean squared error."""

    each = staticmethod(ops.squared_error)


@register("loss", "huber")
@dataclass(frozen=True)
class Huber(Loss):
    """½ (y − t)² near 0 and δ |y − t| − ½ δ² far out, which limits the weight of outliers."""

    delta: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        require("Huber", "delta", self.delta, 0)

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        return ops.huber(outputs, targets, self.delta)


@register("loss", "log_cosh", "logcosh")
@dataclass(frozen=True)
class LogCosh(Loss):
    """The mean over the outputs of log cosh(y − t): like Huber, but smooth everywhere."""

    each = staticmethod(ops.log_cosh)


@register("loss", "cosine_similarity")
@dataclass(frozen=True)
class CosineSimilarity(Loss):
    """−cos of the angle between outputs and targets, as in Keras: −1 where they agree."""

    each = staticmethod(ops.cosine_similarity)
