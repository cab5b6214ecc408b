"""Is one classifier better than another, or is it chance?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest
from scipy.stats import t as student

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Array
from glassnet.evaluate.classification import Z95

SHOWN = 10  # rows
MCNEMAR, PAIRED = "McNemar", "paired t"  # tests


@dataclass(frozen=True)
class AccuracyDifference:
    """By how much the second one is more accurate, and how likely chance alone does as much."""

    mean: float
    interval: tuple[float, float]  # 95%
    p: float
    test: str
    count: int  # of the examples, or of the seeds


def mcnemar(first: Array, second: Array) -> AccuracyDifference:
    """Two classifiers on the same examples: which of them each gets right, (N,) of truth values.

    Exact and two-sided: of the b + c examples that only one of them gets right, each is as likely
    to be the one's as the other's if they are equally good. Source: McNemar 1947. The interval is
    Bonett & Price's (2012): with p̃ = (b + 1)/(N + 2), q̃ = (c + 1)/(N + 2), it is
    q̃ − p̃ ± z √((p̃ + q̃ − (q̃ − p̃)²)/(N + 2)).
    """
    first, second = np.asarray(first), np.asarray(second)
    if first.dtype != bool or second.dtype != bool or first.shape != second.shape:
        raise GlassnetError(
            "compares which examples two classifiers get right: True or False for each.",
            where="mcnemar",
            fix="Say mcnemar(said_by_one == labels, said_by_other == labels).",
        )
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    n, apart = len(first), only_first + only_second
    p, q = (only_first + 1) / (n + 2), (only_second + 1) / (n + 2)
    half = Z95 * ((p + q - (q - p) ** 2) / (n + 2)) ** 0.5
    return AccuracyDifference(
        (only_second - only_first) / n,
        (max(-1.0, q - p - half), min(1.0, q - p + half)),
        float(binomtest(only_second, apart).pvalue) if apart else 1.0,
        MCNEMAR,
        n,
    )


def over_seeds(
    first: Sequence[float], second: Sequence[float], examples: int
) -> AccuracyDifference:
    """Two ways of training, each with the same seeds: Student's t of the seeds' differences.

    It asks whether other seeds would show the same on these test examples. Accuracies are
    multiples of 1/N, N the number of examples: to the differences' variance comes that of two
    roundings, 1/(6 N²), so that a few equal ones are not taken for proof.
    """
    d = np.subtract(second, first)
    n, mean = len(d), float(d.mean())
    error = ((float(d.var(ddof=1)) + 1 / (6 * examples**2)) / n) ** 0.5
    half = float(student.ppf(0.975, n - 1)) * error
    p = float(2 * student.sf(abs(mean) / error, n - 1))
    return AccuracyDifference(mean, (mean - half, mean + half), p, PAIRED, n)


def half_width(values: Sequence[float] | Array) -> float:
    """Half of the 95% interval of the mean, t₀.₉₇₅ s/√n by Student's t."""
    n = len(values)
    return float(student.ppf(0.975, n - 1) * np.std(values, ddof=1) / n**0.5)


def holm(ps: Sequence[float]) -> list[float]:
    """The p of several tests, corrected so that all hold together. Source: Holm 1979."""
    corrected, largest = [0.0] * len(ps), 0.0
    for rank, i in enumerate(sorted(range(len(ps)), key=lambda i: ps[i])):
        largest = max(largest, min(1.0, (len(ps) - rank) * ps[i]))
        corrected[i] = largest
    return corrected


@dataclass(frozen=True)
class Changed:
    """An example of which two classifiers say different classes; `row` counts from 0."""

    row: int
    true: str
    first: str
    second: str


@dataclass(frozen=True)
class Changes:
    """Where the second classifier says another class than the first."""

    count: int
    fixed: dict[str, int]  # by true class: wrong before, right now; classes without are left out
    broken: dict[str, int]  # right before, wrong now
    rows: tuple[Changed, ...]  # the first ones


def changes(labels: Array, first: Array, second: Array, class_names: Sequence[str]) -> Changes:
    """From true classes and what two classifiers say, all (N,)."""

    def by_class(chosen: Array) -> dict[str, int]:
        counts = np.bincount(labels[chosen], minlength=len(class_names)).tolist()
        return {name: n for name, n in zip(class_names, counts, strict=True) if n}

    rows = np.flatnonzero(first != second)
    return Changes(
        len(rows),
        by_class((first != labels) & (second == labels)),
        by_class((first == labels) & (second != labels)),
        tuple(
            Changed(row, *(class_names[said[row]] for said in (labels, first, second)))
            for row in rows[:SHOWN].tolist()
        ),
    )
