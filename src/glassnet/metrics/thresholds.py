"""Counts and rates at thresholds of the outputs, of all outputs together or of one class."""

from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

import numpy as np

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array
from glassnet.core.registry import register
from glassnet.metrics.base import DatasetMetric
from glassnet.metrics.counts import Counts, thresholds_between
from glassnet.metrics.kind import OutputKind


@dataclass(frozen=True)
class _Count(DatasetMetric):
    """A summed weight of outputs, at one threshold."""

    thresholds: float = 0.5
    name: str = ""
    _count: ClassVar[str]

    def over(
        self, outputs: Array, targets: Array, weights: Array | None = None, *, kind: OutputKind
    ) -> float:
        weights = self.rows(weights, targets, kind)
        counts = Counts.of(outputs, targets, weights, kind, [self.thresholds])
        return float(getattr(counts, self._count)[0])


@register("metric", "true_positives")
@dataclass(frozen=True)
class TruePositives(_Count):
    """The number of outputs that are above the threshold, of targets that are 1."""

    name: str = "true_positives"
    _count: ClassVar[str] = "tp"


@register("metric", "true_negatives")
@dataclass(frozen=True)
class TrueNegatives(_Count):
    """The number of outputs that are not above the threshold, of targets that are 0."""

    name: str = "true_negatives"
    _count: ClassVar[str] = "tn"


@register("metric", "false_positives")
@dataclass(frozen=True)
class FalsePositives(_Count):
    """The number of outputs that are above the threshold, of targets that are 0."""

    name: str = "false_positives"
    _count: ClassVar[str] = "fp"


@register("metric", "false_negatives")
@dataclass(frozen=True)
class FalseNegatives(_Count):
    """The number of outputs that are not above the threshold, of targets that are 1."""

    name: str = "false_negatives"
    _count: ClassVar[str] = "fn"


@dataclass(frozen=True)
class _Best(DatasetMetric):
    """The best rate at a threshold where another rate has at least a bound; 0 if there is none."""

    _: KW_ONLY
    num_thresholds: int = 200
    class_id: int | None = None
    _rates: ClassVar[tuple[str, str]]  # the rate with the bound, and the best one

    def __post_init__(self) -> None:
        whole_number(self.num_thresholds, f"{type(self).__name__}: num_thresholds", 2)
        if self.class_id is not None:
            whole_number(self.class_id, f"{type(self).__name__}: class_id", 0)
        if not 0 <= self.bound <= 1:
            raise GlassnetError(f"the rate must be in 0..1, got {self.bound}.", where=self.name)

    @property
    def bound(self) -> float:
        """The least value of the first rate: the field of its name."""
        return float(getattr(self, self._field))

    _field: ClassVar[str]

    def checked(self, kind: OutputKind) -> None:
        kind.require_outputs(self.name, class_id=self.class_id)

    def over(
        self, outputs: Array, targets: Array, weights: Array | None = None, *, kind: OutputKind
    ) -> float:
        self.checked(kind)
        weights, thresholds = (
            self.rows(weights, targets, kind),
            thresholds_between(self.num_thresholds),
        )
        counts = Counts.of(outputs, targets, weights, kind, thresholds, self.class_id)
        bounded, best = (getattr(counts, rate) for rate in self._rates)
        return float(np.max(best, where=bounded >= self.bound, initial=0.0))


@register("metric")
@dataclass(frozen=True)
class PrecisionAtRecall(_Best):
    """The best precision where the recall is at least `recall`."""

    recall: float
    name: str = "precision_at_recall"
    _rates: ClassVar[tuple[str, str]] = ("recall", "precision")
    _field: ClassVar[str] = "recall"


@register("metric")
@dataclass(frozen=True)
class RecallAtPrecision(_Best):
    """The best recall where the precision is at least `precision`."""

    precision: float
    name: str = "recall_at_precision"
    _rates: ClassVar[tuple[str, str]] = ("precision", "recall")
    _field: ClassVar[str] = "precision"


@register("metric")
@dataclass(frozen=True)
class SensitivityAtSpecificity(_Best):
    """The best recall (sensitivity) where the specificity is at least `specificity`."""

    specificity: float
    name: str = "sensitivity_at_specificity"
    _rates: ClassVar[tuple[str, str]] = ("specificity", "recall")
    _field: ClassVar[str] = "specificity"


@register("metric")
@dataclass(frozen=True)
class SpecificityAtSensitivity(_Best):
    """The best specificity where the recall is at least `sensitivity`."""

    sensitivity: float
    name: str = "specificity_at_sensitivity"
    _rates: ClassVar[tuple[str, str]] = ("recall", "specificity")
    _field: ClassVar[str] = "sensitivity"
