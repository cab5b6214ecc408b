"""Errors: losses and distances as metrics. With a cross-entropy, y are the probabilities."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.protocols import Array
from glassnet.core.registry import register
from glassnet.metrics.base import DatasetMetric, Metric
from glassnet.metrics.kind import OutputKind
from glassnet.ops import losses as ops


class _OfLoss(Metric):
    """The value of a loss for each example."""

    _op: ClassVar[Any]

    def measure(self, outputs: Array, targets: Array, *, kind: OutputKind) -> Array:
        value: Array = self._op(kind.probabilities(outputs), kind.values(outputs, targets))[0]
        return value


@register("metric", "mean_squared_error", "mse", "MSE")
@dataclass(frozen=True)
class MeanSquaredError(_OfLoss):
    """The mean over the outputs of (y − t)²."""

    name: str = "mean_squared_error"
    _op: ClassVar[Any] = staticmethod(ops.mean_squared_error)


@register("metric", "mean_absolute_error", "mae", "MAE")
@dataclass(frozen=True)
class MeanAbsoluteError(_OfLoss):
    """The mean over the outputs of |y − t|."""

    name: str = "mean_absolute_error"
    _op: ClassVar[Any] = staticmethod(ops.mean_absolute_error)


@register("metric", "mean_absolute_percentage_error", "mape", "MAPE")
@dataclass(frozen=True)
class MeanAbsolutePercentageError(_OfLoss):
    """The mean over the outputs of 100 |y − t| / |t|."""

    name: str = "mean_absolute_percentage_error"
    _op: ClassVar[Any] = staticmethod(ops.mean_absolute_percentage_error)


@register("metric", "mean_squared_logarithmic_error", "msle", "MSLE")
@dataclass(frozen=True)
class MeanSquaredLogarithmicError(_OfLoss):
    """The mean over the outputs of (log(1 + y) − log(1 + t))²."""

    name: str = "mean_squared_logarithmic_error"
    _op: ClassVar[Any] = staticmethod(ops.mean_squared_logarithmic_error)


@register("metric", "logcosh", "log_cosh")
@dataclass(frozen=True)
class LogCoshError(_OfLoss):
    """The mean over the outputs of log cosh(y − t)."""

    name: str = "logcosh"
    _op: ClassVar[Any] = staticmethod(ops.log_cosh)


@register("metric", "poisson")
@dataclass(frozen=True)
class Poisson(_OfLoss):
    """The mean over the outputs of y − t log y."""

    name: str = "poisson"
    _op: ClassVar[Any] = staticmethod(ops.poisson)


@register("metric", "hinge")
@dataclass(frozen=True)
class Hinge(_OfLoss):
    """The mean over the outputs of max(0, 1 − t y)."""

    name: str = "hinge"
    _op: ClassVar[Any] = staticmethod(ops.hinge)


@register("metric", "squared_hinge")
@dataclass(frozen=True)
class SquaredHinge(_OfLoss):
    """The mean over the outputs of max(0, 1 − t y)²."""

    name: str = "squared_hinge"
    _op: ClassVar[Any] = staticmethod(ops.squared_hinge)


@register("metric", "kl_divergence", "kld", "KLD")
@dataclass(frozen=True)
class KLDivergence(_OfLoss):
    """Σᵢ tᵢ log(tᵢ / yᵢ)."""

    name: str = "kl_divergence"
    _op: ClassVar[Any] = staticmethod(ops.kl_divergence)


@register("metric", "categorical_hinge")
@dataclass(frozen=True)
class CategoricalHinge(_OfLoss):
    """max(0, 1 + the largest wrong output − the true one), for one-hot targets."""

    name: str = "categorical_hinge"
    _op: ClassVar[Any] = staticmethod(ops.categorical_hinge)


@register("metric", "cosine_similarity")
@dataclass(frozen=True)
class CosineSimilarity(Metric):
    """The cosine of the angle between outputs and targets: 1 where they agree."""

    name: str = "cosine_similarity"

    def measure(self, outputs: Array, targets: Array, *, kind: OutputKind) -> Array:
        y = kind.probabilities(outputs)
        return -ops.cosine_similarity(y, kind.values(outputs, targets))[0]


class _Crossentropy(Metric):
    """A cross-entropy of the probabilities, with `label_smoothing`."""

    label_smoothing: float
    _op: ClassVar[Any] = staticmethod(ops.categorical_crossentropy)

    def measure(self, outputs: Array, targets: Array, *, kind: OutputKind) -> Array:
        classes = 2 if self._op is ops.binary_crossentropy else kind.classes
        t = ops.smoothed(kind.values(outputs, targets), self.label_smoothing, classes)
        value: Array = self._op(kind.probabilities(outputs), t)[0]
        return value


@register("metric", "binary_crossentropy", "bce", "BCE")
@dataclass(frozen=True)
class BinaryCrossentropy(_Crossentropy):
    """−t log p − (1 − t) log(1 − p)."""

    name: str = "binary_crossentropy"
    label_smoothing: float = 0.0
    _op: ClassVar[Any] = staticmethod(ops.binary_crossentropy)


@register("metric", "categorical_crossentropy")
@dataclass(frozen=True)
class CategoricalCrossentropy(_Crossentropy):
    """−Σᵢ tᵢ log pᵢ; labels and one-hot targets are distinguished by the loss."""

    name: str = "categorical_crossentropy"
    label_smoothing: float = 0.0


@register("metric", "sparse_categorical_crossentropy")
@dataclass(frozen=True)
class SparseCategoricalCrossentropy(_Crossentropy):
    """−log p of the true class."""

    name: str = "sparse_categorical_crossentropy"
    label_smoothing: float = 0.0


@register("metric", "pearson_correlation")
@dataclass(frozen=True)
class PearsonCorrelation(Metric):
    """The correlation of outputs and targets along the last axis, for each example."""

    name: str = "pearson_correlation"

    def checked(self, kind: OutputKind) -> None:
        if kind.classes == 1:
            raise GlassnetError(
                "correlates the outputs of one example, but there is only one.",
                where=f"metric {self.name!r}",
                fix="Use R2Score.",
            )

    def measure(self, outputs: Array, targets: Array, *, kind: OutputKind) -> Array:
        y, t = kind.probabilities(outputs), kind.values(outputs, targets)
        y, t = (v - v.mean(axis=-1, keepdims=True) for v in (y, t))
        return -ops.cosine_similarity(y, t)[0]


@register("metric", "concordance_correlation")
@dataclass(frozen=True)
class ConcordanceCorrelation(Metric):
    """2 cov(y, t) / (var y + var t + (mean y − mean t)²) along the last axis. Source: Lin 1989."""

    name: str = "concordance_correlation"

    def measure(self, outputs: Array, targets: Array, *, kind: OutputKind) -> Array:
        y, t = kind.probabilities(outputs), kind.values(outputs, targets)
        means = [v.mean(axis=-1, keepdims=True) for v in (y, t)]
        covariance = ((y - means[0]) * (t - means[1])).mean(axis=-1)
        gap = (means[0] - means[1])[..., 0]
        return 2 * covariance / (y.var(axis=-1) + t.var(axis=-1) + gap * gap + 1e-7)


@register("metric", "root_mean_squared_error", "rmse", "RMSE")
@dataclass(frozen=True)
class RootMeanSquaredError(DatasetMetric):
    """√ of the mean of (y − t)² over all examples and outputs."""

    name: str = "root_mean_squared_error"

    def over(
        self, outputs: Array, targets: Array, weights: Array | None = None, *, kind: OutputKind
    ) -> float:
        return float(MeanSquaredError().over(outputs, targets, weights, kind=kind) ** 0.5)


@register("metric", "r2_score")
@dataclass(frozen=True)
class R2Score(DatasetMetric):
    """1 − Σ (y − t)² / Σ (t − mean t)²: the share of the targets' variance that is predicted.

    With multiple outputs, the mean of their values, or weighted by the targets' variances.
    """

    class_aggregation: str = "uniform_average"
    name: str = "r2_score"

    def __post_init__(self) -> None:
        choices = ("uniform_average", "variance_weighted_average")
        if self.class_aggregation not in choices:
            raise unknown("class_aggregation", self.class_aggregation, choices, where="R2Score")

    def over(
        self, outputs: Array, targets: Array, weights: Array | None = None, *, kind: OutputKind
    ) -> float:
        w: Any = self.rows(weights, targets, kind)
        y, t = (
            np.asarray(v, np.float64).reshape(-1, kind.classes)
            for v in (kind.probabilities(outputs), kind.values(outputs, targets))
        )
        w = np.ones((len(y), 1)) if w is None else w.reshape(-1, 1)
        deviations = t - (w * t).sum(axis=0) / w.sum()
        total = (w * deviations**2).sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            scores = 1 - (w * (y - t) ** 2).sum(axis=0) / total
        scores = np.where(np.isinf(scores), 0.0, scores)  # as in Keras: targets that don't vary
        share = total if self.class_aggregation == "variance_weighted_average" else None
        return float(np.average(scores, weights=share))
