"""Numbers for classifiers, from labels and probabilities.

Written here and not taken from scikit-learn, whose `sklearn.metrics` takes over a second and 90 MB
to import (docs/decisions/0002): more than training takes memory, for a handful of divisions.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.tables import table
from glassnet.trees import Array

_Z95 = 1.959963984540054  # 97.5% quantile of the normal distribution


@dataclass(frozen=True)
class ClassScore:
    """One class: of its examples, how many are found (recall); of the finds, how many are right."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Classification:
    """What a classifier got right, over all and for each class."""

    accuracy: float
    accuracy_interval: tuple[float, float]
    loss: float
    count: int
    confusion: Array  # (C, C): rows are the true classes, columns the predicted ones
    classes: tuple[ClassScore, ...]

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {
            "accuracy": self.accuracy,
            "accuracy_interval": list(self.accuracy_interval),
            "loss": self.loss,
            "count": self.count,
            "classes": [vars(score) for score in self.classes],
            "confusion": self.confusion.tolist(),
        }

    def lines(self) -> list[str]:
        """The table of classes, for people."""
        rows = [("class", "precision", "recall", "F1", "examples")]
        for c in self.classes:
            rows.append(
                (c.name, f"{c.precision:.3f}", f"{c.recall:.3f}", f"{c.f1:.3f}", str(c.support))
            )
        return table(rows, "<>>>>")


def classification(
    labels: Array, outputs: Array, loss: float, class_names: Sequence[str]
) -> Classification:
    """All numbers, from true labels (N,) and outputs (N, C) whose largest is the prediction."""
    count = len(class_names)
    confusion = np.zeros((count, count), np.int64)
    np.add.at(confusion, (labels, outputs.argmax(axis=-1)), 1)
    right, true, found = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
    precision, recall = right / np.maximum(found, 1), right / np.maximum(true, 1)
    f1 = 2 * right / np.maximum(true + found, 1)
    scores = tuple(
        ClassScore(name, float(precision[i]), float(recall[i]), float(f1[i]), int(true[i]))
        for i, name in enumerate(class_names)
    )
    n, k = len(labels), int(right.sum())
    return Classification(k / n, interval(k, n), loss, n, confusion, scores)


def interval(successes: int, trials: int) -> tuple[float, float]:
    """The 95% interval of a proportion, by Wilson's score (1927): sound also near 0 and 1."""
    share, z2 = successes / trials, _Z95**2
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = _Z95 * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2)) / (1 + z2 / trials)
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))
