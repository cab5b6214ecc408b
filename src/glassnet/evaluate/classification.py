"""The metrics of a classifier, from labels and probabilities.

Not taken from scikit-learn, because importing `sklearn.metrics` takes over a second and 90 MB, more
memory than training, for a handful of divisions (docs/decisions/0002).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.tables import table

MOST = 4000  # classes whose confusion matrix, 32 MB of JSON, is written
Z95 = 1.959963984540054  # 97.5% quantile of the normal distribution


@dataclass(frozen=True)
class ClassScore:
    """The metrics of one class, each with its 95% interval; `support` is its number of examples."""

    name: str
    precision: float
    precision_interval: tuple[float, float]
    recall: float
    recall_interval: tuple[float, float]
    f1: float
    f1_interval: tuple[float, float]
    support: int

    @property
    def shares(self) -> tuple[tuple[float, tuple[float, float]], ...]:
        """Precision, recall and F1, each with its interval."""
        return (
            (self.precision, self.precision_interval),
            (self.recall, self.recall_interval),
            (self.f1, self.f1_interval),
        )


@dataclass(frozen=True)
class Classification:
    """The test results of a classifier, overall and for each class."""

    accuracy: float
    accuracy_interval: tuple[float, float]
    loss: float
    count: int
    confusion: Array  # (C, C): rows are true classes, columns predicted ones
    classes: tuple[ClassScore, ...]

    def _repr_html_(self) -> str:
        from glassnet.evaluate.representation import of_classes

        return of_classes(self)

    def lines(self) -> list[str]:
        """The table of classes as text."""
        rows: list[tuple[str, ...]] = [
            ("class", "precision (95%)", "recall (95%)", "F1 (95%)", "examples")
        ]
        for c in self.classes:
            cells = (f"{share:.3f} ({low:.2f}–{high:.2f})" for share, (low, high) in c.shares)
            rows.append((c.name, *cells, str(c.support)))
        missing = [f"no test examples of: {', '.join(self.untested)}"] if self.untested else []
        return table(rows, "<>>>>") + missing

    @property
    def tested(self) -> tuple[ClassScore, ...]:
        """The classes that have test examples."""
        return tuple(c for c in self.classes if c.support)

    @property
    def untested(self) -> tuple[str, ...]:
        """The names of the classes without test examples."""
        return tuple(c.name for c in self.classes if not c.support)

    @property
    def macro_f1(self) -> float:
        """The mean F1 of the classes that have test examples."""
        return sum(c.f1 for c in self.tested) / len(self.tested)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields; the confusion matrix is None for more than 4,000 classes."""
        confusion = self.confusion if len(self.classes) <= MOST else None
        return {**vars(self), "confusion": confusion}


def classification(
    labels: Array, outputs: Array, loss: float, class_names: Sequence[str]
) -> Classification:
    """All metrics, from labels (N,) and outputs (N, C); the largest output is the prediction."""
    count = len(class_names)
    confusion = np.zeros((count, count), np.int64)
    np.add.at(confusion, (labels, outputs.argmax(axis=-1)), 1)
    true, predicted = confusion.sum(axis=1).tolist(), confusion.sum(axis=0).tolist()
    correct = confusion.diagonal().tolist()
    scores = tuple(map(class_score, class_names, correct, true, predicted))
    n, k = len(labels), sum(correct)
    return Classification(k / n, interval(k, n), loss, n, confusion, scores)


def class_score(name: str, correct: int, true: int, predicted: int) -> ClassScore:
    """The metrics of a class: `true` are its examples, `predicted` those predicted as it.

    `correct` are both. F1 = 2 TP/(2 TP + FP + FN) = 2 s/(1 + s) rises with s = TP/(TP + FP + FN),
    and s is a proportion: the correct ones among the examples that are true or predicted. So
    mapping the interval of s gives the interval of F1. If the number of examples of each class is
    fixed, FP varies less than assumed, and the interval is too wide, but never too narrow.
    """
    either = true + predicted - correct
    low, high = interval(correct, either)
    return ClassScore(
        name,
        correct / max(predicted, 1),
        interval(correct, predicted),
        correct / max(true, 1),
        interval(correct, true),
        2 * correct / max(true + predicted, 1),
        (2 * low / (1 + low), 2 * high / (1 + high)),
        true,
    )


def interval(successes: float, trials: float) -> tuple[float, float]:
    """The 95% interval of a proportion by Wilson's score (1927), accurate near 0 and 1 too.

    Without trials, it is (0, 1).
    """
    if not trials:
        return 0.0, 1.0
    share, z2 = successes / trials, Z95**2
    center = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = Z95 * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2)) / (1 + z2 / trials)
    return max(0.0, min(share, center - half)), min(1.0, max(share, center + half))
