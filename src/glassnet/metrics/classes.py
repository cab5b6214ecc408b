"""Metrics of classes: precision, recall, F-scores, and the area under a curve."""

from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.protocols import Array
from glassnet.core.registry import added, register
from glassnet.metrics.base import DatasetMetric
from glassnet.metrics.counts import Counts, thresholds_between
from glassnet.metrics.kind import OutputKind


class _AtThreshold(DatasetMetric):
    """Precision or recall: macro averages, or with one of Keras's options at a threshold."""

    thresholds: float | None
    top_k: int | None
    class_id: int | None

    def __post_init__(self) -> None:
        for name, least in (("top_k", 1), ("class_id", 0)):
            if (value := getattr(self, name)) is not None:
                whole_number(value, f"{type(self).__name__}: {name}", least)

    def checked(self, kind: OutputKind) -> None:
        kind.require_outputs(self.name, class_id=self.class_id, top_k=self.top_k)

    def over(
        self, outputs: Array, targets: Array, weights: Array | None = None, *, kind: OutputKind
    ) -> float:
        if self.thresholds is None and self.top_k is None and self.class_id is None:
            return super().over(outputs, targets, weights, kind=kind)
        self.checked(kind)
        usual = 0.5 if self.top_k is None else -np.inf
        threshold = usual if self.thresholds is None else self.thresholds
        weights = self.rows(weights, targets, kind)
        counts = Counts.of(outputs, targets, weights, kind, [threshold], self.class_id, self.top_k)
        return float(getattr(counts, self._score)[0])


@register("metric", "precision")
@dataclass(frozen=True)
class Precision(_AtThreshold):
    """The share of the examples predicted to be in a class that are in it.

    With `thresholds` (one number), `top_k` or `class_id`, Keras's: of all outputs together, or of
    one class, that are above the threshold or among the k largest.
    """

    thresholds: float | None = added(None)
    top_k: int | None = added(None)
    class_id: int | None = added(None)
    name: str = "precision"
    _score: ClassVar[str] = "precision"


@register("metric", "recall")
@dataclass(frozen=True)
class Recall(_AtThreshold):
    """The share of the examples in a class that are predicted to be in it.

    With `thresholds` (one number), `top_k` or `class_id`, Keras's: of all outputs together, or of
    one class, that are above the threshold or among the k largest.
    """

    thresholds: float | None = added(None)
    top_k: int | None = added(None)
    class_id: int | None = added(None)
    name: str = "recall"
    _score: ClassVar[str] = "recall"


@register("metric", "fbeta_score")
@dataclass(frozen=True)
class FBetaScore(DatasetMetric):
    """(1 + β²) P R / (β² P + R), with precision P and recall R, averaged over the classes.

    The average is "macro" (each class counts equally), "weighted" (by its examples) or "micro" (of
    all decisions together); Keras's None, one number for each class, fits no history. Predicted are
    outputs above `threshold`, by default the class with the largest; of a single output, above 0.5,
    whereas Keras's default predicts every example as positive. Source: van Rijsbergen 1979.
    """

    average: str = added("macro")
    beta: float = added(1.0)
    threshold: float | None = added(None)
    name: str = "fbeta_score"

    def __post_init__(self) -> None:
        if self.average not in (choices := ("macro", "micro", "weighted")):
            raise unknown("average", self.average, choices, where=type(self).__name__)
        if not self.beta > 0:
            raise GlassnetError(f"beta must be > 0, got {self.beta}.", where=type(self).__name__)
        if self.threshold is not None and not 0 < self.threshold <= 1:
            what = f"threshold must be in (0, 1], got {self.threshold}."
            raise GlassnetError(what, where=type(self).__name__)

    def over(
        self, outputs: Array, targets: Array, weights: Array | None = None, *, kind: OutputKind
    ) -> float:
        from sklearn.metrics import fbeta_score

        true, predicted = kind.decided(outputs, targets)
        if self.threshold is not None:
            shape = (-1, kind.classes)
            true = kind.values(outputs, targets).reshape(shape) > 0.5
            predicted = kind.probabilities(outputs).reshape(shape) > self.threshold
        options: dict[str, Any] = {"average": self.average, "labels": range(kind.classes)}
        if kind.classes == 1:
            true, predicted, options = true[:, 0], predicted[:, 0], {"average": "binary"}
        weights = self.rows(weights, targets, kind)
        score = fbeta_score(
            true, predicted, beta=self.beta, **options, sample_weight=weights, zero_division=0
        )
        return float(score)


@register("metric", "f1_score", "f1")
@dataclass(frozen=True)
class F1Score(FBetaScore):
    """The harmonic mean of precision and recall; with multiple classes, averaged over them."""

    beta: float = added(1.0, kw_only=True)
    name: str = "f1_score"


@register("metric", "auc")
@dataclass(frozen=True)
class AUC(DatasetMetric):
    """The area under the ROC curve: how often a positive scores higher than a negative.

    Exact, whereas Keras sums over 200 thresholds. With multiple classes, the mean of the areas of
    each class against the rest, without classes that contain all or none of the examples.

    With `num_thresholds`, or curve="PR" (precision over recall, 200 thresholds), Keras's sum: of
    all outputs together, or with `multi_label` the mean of each. Source of the interpolation of
    precision: Davis & Goadrich 2006.
    """

    name: str = "auc"
    _: KW_ONLY
    curve: str = added("ROC")
    num_thresholds: int | None = added(None)
    multi_label: bool = added(False)

    def __post_init__(self) -> None:
        if self.curve not in ("ROC", "PR"):
            raise unknown("curve", self.curve, ("ROC", "PR"), where="AUC")
        if self.num_thresholds is not None:
            whole_number(self.num_thresholds, "AUC: num_thresholds", 2)

    def over(
        self, outputs: Array, targets: Array, weights: Array | None = None, *, kind: OutputKind
    ) -> float:
        if self.curve == "PR" or self.num_thresholds is not None:
            return self._sum(outputs, targets, weights, kind)
        from sklearn.metrics import roc_auc_score

        weights = self.rows(weights, targets, kind)
        scores = kind.probabilities(outputs).reshape(-1, kind.classes)
        positive = kind.values(outputs, targets).reshape(scores.shape) > 0.5
        if weights is not None:  # an example with weight 0 does not make a class exist
            counted = weights > 0
            scores, positive, weights = scores[counted], positive[counted], weights[counted]
        if not np.isfinite(scores).all():
            return float("nan")
        areas = [
            roc_auc_score(positive[:, c], scores[:, c], sample_weight=weights)
            for c in range(kind.classes)
            if 0 < positive[:, c].sum() < len(positive)
        ]
        if not areas:
            raise GlassnetError(
                "all examples are of one class, so the area under the curve is undefined.",
                where=f"metric {self.name!r}",
                fix="Provide examples of both classes, for example with stratify=True.",
            )
        return float(np.mean(areas))

    def _sum(
        self, outputs: Array, targets: Array, weights: Array | None, kind: OutputKind
    ) -> float:
        """Return Keras's sum over thresholds."""
        columns: list[int | None] = list(range(kind.classes)) if self.multi_label else [None]
        thresholds = thresholds_between(self.num_thresholds or 200)
        areas = []
        for column in columns:
            weight = self.rows(weights, targets, kind)
            counts = Counts.of(outputs, targets, weight, kind, thresholds, column)
            areas.append(counts.area_under_roc() if self.curve == "ROC" else counts.area_under_pr())
        return float(np.mean(areas))
