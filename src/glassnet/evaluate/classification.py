"""Numbers for classifiers, from labels and probabilities.

Written here and not taken from scikit-learn, whose `sklearn.metrics` takes over a second and 90 MB
to import (docs/decisions/0002): more than training takes memory, for a handful of divisions.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.tables import table

Z95 = 1.959963984540054  # 97.5% quantile of the normal distribution


@dataclass(frozen=True)
class ClassScore:
    """One class: of its examples, how many are found (recall); of the finds, how many are right."""

    name: str
    precision: float
    precision_interval: tuple[float, float]
    recall: float
    recall_interval: tuple[float, float]
    f1: float
    f1_interval: tuple[float, float]
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

    def lines(self) -> list[str]:
        """The table of classes, for people."""
        rows: list[tuple[str, ...]] = [
            ("class", "precision (95%)", "recall (95%)", "F1 (95%)", "examples")
        ]
        for c in self.classes:
            measured = (
                (c.precision, c.precision_interval),
                (c.recall, c.recall_interval),
                (c.f1, c.f1_interval),
            )
            shown = (f"{v:.3f} ({low:.2f}–{high:.2f})" for v, (low, high) in measured)
            rows.append((c.name, *shown, str(c.support)))
        missing = [f"no test examples of: {', '.join(self.untested)}"] if self.untested else []
        return table(rows, "<>>>>") + missing

    @property
    def tested(self) -> tuple[ClassScore, ...]:
        """The classes that have examples; of the others the test set says nothing."""
        return tuple(c for c in self.classes if c.support)

    @property
    def untested(self) -> tuple[str, ...]:
        """The names of the classes without examples."""
        return tuple(c.name for c in self.classes if not c.support)

    @property
    def macro_f1(self) -> float:
        """The mean F1 of the classes that have examples."""
        return sum(c.f1 for c in self.tested) / len(self.tested)


def classification(
    labels: Array, outputs: Array, loss: float, class_names: Sequence[str]
) -> Classification:
    """All numbers, from true labels (N,) and outputs (N, C) whose largest is the prediction."""
    count = len(class_names)
    confusion = np.zeros((count, count), np.int64)
    np.add.at(confusion, (labels, outputs.argmax(axis=-1)), 1)
    true, found = confusion.sum(axis=1).tolist(), confusion.sum(axis=0).tolist()
    right = confusion.diagonal().tolist()
    scores = tuple(map(_score, class_names, right, true, found))
    n, k = len(labels), sum(right)
    return Classification(k / n, interval(k, n), loss, n, confusion, scores)


def _score(name: str, right: int, true: int, found: int) -> ClassScore:
    """Of the examples of a class, `true`, and those taken for it, `found`, both are `right`.

    F1 = 2 TP/(2 TP + FP + FN) = 2 s/(1 + s) rises with s = TP/(TP + FP + FN), and s is a
    proportion: of the examples that are of the class or taken for it, those that are both. So the
    interval of s, mapped, is F1's. Where the test set has a set number of examples of each class,
    FP varies less than this assumes: the interval is then too wide, never too narrow.
    """
    either = true + found - right
    low, high = interval(right, either)
    return ClassScore(
        name,
        right / max(found, 1),
        interval(right, found),
        right / max(true, 1),
        interval(right, true),
        2 * right / max(true + found, 1),
        (2 * low / (1 + low), 2 * high / (1 + high)),
        true,
    )


def interval(successes: float, trials: int) -> tuple[float, float]:
    """The 95% interval of a proportion, by Wilson's score (1927): sound also near 0 and 1.

    Without trials it is anything from 0 to 1.
    """
    if not trials:
        return 0.0, 1.0
    share, z2 = successes / trials, Z95**2
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = Z95 * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2)) / (1 + z2 / trials)
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))
