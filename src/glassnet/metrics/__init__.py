"""Metrics: numbers for people to read; no gradient flows through them.

Most are means over examples and run inside the compiled steps. Precision, recall, F1, AUC, R² and
others are not: they are defined for a whole data set, and their mean over batches differs. So they
are computed for validation data and in `evaluate`, not during the training steps. All are exact
over the data set, where Keras averages over batches.

Each can also be called by hand: `update_state(y_true, y_pred)`, `result()`, `reset_state()`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.core.functions import Function, is_function
from glassnet.core.keras_namespaces import hint_at_missing
from glassnet.core.protocols import Array
from glassnet.core.registry import build, describe, named, names, resolve
from glassnet.metrics.accuracies import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
)
from glassnet.metrics.base import DatasetMeasure, DatasetMetric, Measure, Metric
from glassnet.metrics.classes import AUC, F1Score, FBetaScore, Precision, Recall
from glassnet.metrics.errors import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    CategoricalHinge,
    ConcordanceCorrelation,
    CosineSimilarity,
    Hinge,
    KLDivergence,
    LogCoshError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    PearsonCorrelation,
    Poisson,
    R2Score,
    RootMeanSquaredError,
    SparseCategoricalCrossentropy,
    SquaredHinge,
)
from glassnet.metrics.kind import OutputKind
from glassnet.metrics.overlaps import BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU
from glassnet.metrics.state import Mean, Sum
from glassnet.metrics.thresholds import (
    FalseNegatives,
    FalsePositives,
    PrecisionAtRecall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
    TrueNegatives,
    TruePositives,
)

__all__ = [
    "AUC", "Accuracy", "BinaryAccuracy", "BinaryCrossentropy", "BinaryIoU", "CategoricalAccuracy",
    "CategoricalCrossentropy", "CategoricalHinge", "ConcordanceCorrelation", "CosineSimilarity",
    "DatasetMeasure", "DatasetMetric", "F1Score", "FBetaScore", "FalseNegatives",
    "FalsePositives", "Hinge", "IoU", "KLDivergence", "LogCoshError", "Mean", "MeanAbsoluteError",
    "MeanAbsolutePercentageError", "MeanIoU", "MeanSquaredError", "MeanSquaredLogarithmicError",
    "Measure", "Metric", "OneHotIoU", "OneHotMeanIoU", "OutputKind", "PearsonCorrelation",
    "Poisson", "Precision", "PrecisionAtRecall", "R2Score", "Recall", "RecallAtPrecision",
    "RootMeanSquaredError", "SensitivityAtSpecificity", "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy", "SparseTopKCategoricalAccuracy", "SpecificityAtSensitivity",
    "SquaredHinge", "Sum", "TopKCategoricalAccuracy", "TrueNegatives", "TruePositives",
]  # fmt: skip

_TOP = re.compile(r"top_([1-9][0-9]{0,8})_accuracy")


@dataclass(frozen=True)
class MetricFunction:
    """The function of a metric: its value for each example, not their mean."""

    metric: type[Metric]

    def __call__(self, y_true: Any, y_pred: Any, **options: Any) -> Array:
        """Return one value for each example; the options are the metric's."""
        return self.metric(**options).each(y_true, y_pred)


def get(value: "str | type[Metric] | MetricFunction | Metric | Function") -> Metric:
    """Return the metric for a name, which is also its name in histories, a class or a function."""
    if isinstance(value, MetricFunction):
        value = value.metric
    if isinstance(value, str) and (top := _TOP.fullmatch(value)):
        return TopKCategoricalAccuracy(int(top[1]), name=value)
    metric = resolve("metric", value, where="metrics")
    return replace(metric, name=value) if isinstance(value, str) else metric


def chosen(listed: Any, others: Iterable[Metric] = ()) -> tuple[Metric, ...]:
    """Return the listed metrics; one that is also in `others` is renamed to weighted_...."""
    one = isinstance(listed, str | Metric) or is_function(listed)
    listed = [listed] if one else list(listed or ())
    taken, metrics = ["loss", *(metric.name for metric in others)], []
    for item in listed:
        metric: Any = get(item)
        if metric in others:
            metric = replace(metric, name=f"weighted_{metric.name}")
        if metric.name in taken:
            raise GlassnetError(
                f"two metrics would be called {metric.name!r}.",
                where="metrics",
                fix=f'Name one of them: {type(metric).__name__}(name="...").',
            )
        taken.append(metric.name)
        metrics.append(metric)
    return tuple(metrics)


def to_json(listed: Iterable[Metric]) -> list[Any]:
    """Return the metrics as JSON: only the name if the name defines the metric."""
    return [m.name if _named(m.name) == m else describe(m) for m in listed]


def from_json(listed: Any) -> tuple[Metric, ...]:
    """Return the metrics that `to_json` wrote, after checking them."""
    if not isinstance(listed, list) or not all(isinstance(item, str | dict) for item in listed):
        raise GlassnetError("its metrics are not a list of names.")
    return chosen([item if isinstance(item, str) else build("metric", item) for item in listed])


def _named(name: str) -> Metric | None:
    """Return the built-in metric with this name, or None."""
    return get(name) if name in names("metric") or _TOP.fullmatch(name) else None


def _function(name: str) -> MetricFunction:
    """Return the function of a metric's short name, as Keras's `metrics.binary_accuracy`."""
    if not (metric := named("metric").get(name)) or metric.per_dataset:
        raise AttributeError(name)
    return MetricFunction(type(metric))


hint_at_missing(__name__, _function)
