"""`Counts`: true and false positives and negatives at thresholds, and what follows from them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.protocols import Array
from glassnet.metrics.kind import OutputKind


@dataclass(frozen=True)
class Counts:
    """The summed weights of the outputs of each kind, at each threshold."""

    tp: Any
    fp: Any
    fn: Any
    tn: Any

    @classmethod
    def of(
        cls,
        outputs: Array,
        targets: Array,
        weights: Array | None,
        kind: OutputKind,
        thresholds: Any,
        class_id: int | None = None,
        top_k: int | None = None,
    ) -> "Counts":
        """Count outputs above each threshold: all, or those of one class, or the k largest."""
        scores = np.asarray(kind.probabilities(outputs)).reshape(-1, kind.classes)
        true = np.asarray(kind.values(outputs, targets)).reshape(scores.shape) > 0.5
        weight = np.ones(len(scores)) if weights is None else np.asarray(weights, np.float64)
        if top_k is not None:
            ranks = (-scores).argsort(axis=1, kind="stable").argsort(axis=1)
            scores = np.where(ranks < top_k, scores, -np.inf)
        if class_id is not None:
            scores, true = scores[:, [class_id]], true[:, [class_id]]
        spread = np.broadcast_to(weight[:, None], scores.shape)
        rows = [
            [(spread * (positive & is_true)).sum() for positive in (scores > t, ~(scores > t))
             for is_true in (true, ~true)]
            for t in thresholds
        ]  # fmt: skip
        tp, fp, fn, tn = np.array(rows).T
        return cls(tp, fp, fn, tn)

    @property
    def precision(self) -> Any:
        """TP / (TP + FP), 0 where nothing is positive."""
        return ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> Any:
        """TP / (TP + FN), also called sensitivity."""
        return ratio(self.tp, self.tp + self.fn)

    @property
    def specificity(self) -> Any:
        """TN / (TN + FP)."""
        return ratio(self.tn, self.tn + self.fp)

    def area_under_roc(self) -> float:
        """Return the area under recall over 1 − specificity, by trapezoids."""
        x, y = ratio(self.fp, self.fp + self.tn), self.recall
        return float(((x[:-1] - x[1:]) * (y[:-1] + y[1:]) / 2).sum())

    def area_under_pr(self) -> float:
        """Return the area under precision over recall, with true positives interpolated."""
        p = self.tp + self.fp
        dtp, dp = self.tp[:-1] - self.tp[1:], np.maximum(p[:-1] - p[1:], 0)
        slope = ratio(dtp, dp)
        intercept = self.tp[1:] - slope * p[1:]
        both = (p[:-1] > 0) & (p[1:] > 0)
        growth = np.where(both, p[:-1] / np.where(both, p[1:], 1), 1)
        terms = slope * (dtp + intercept * np.log(growth))
        return float(ratio(terms, self.tp[1:] + self.fn[1:]).sum())


def ratio(a: Any, b: Any) -> Any:
    """Return a / b, 0 where b is 0."""
    return np.where(b > 0, a / np.where(b > 0, b, 1), 0.0)


def thresholds_between(count: int) -> Any:
    """Return `count` thresholds, the first below 0 and the last above 1, as in Keras."""
    return np.array([-1e-7, *(i / (count - 1) for i in range(1, count - 1)), 1 + 1e-7])
