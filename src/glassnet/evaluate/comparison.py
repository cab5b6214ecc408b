"""Significance tests for the difference between two classifiers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest, permutation_test
from scipy.stats import t as student

from glassnet.core.arrays import Array, as_array
from glassnet.core.errors import GlassnetError
from glassnet.evaluate.classification import Z95

_FLIPS = 10_000  # choices of signs, at most
SHOWN = 10  # rows that are listed
MCNEMAR, PAIRED = "McNemar", "paired t"  # tests


@dataclass(frozen=True)
class AccuracyDifference:
    """The accuracy of the second minus that of the first, with the p-value of no difference."""

    mean: float
    interval: tuple[float, float]  # 95%
    p: float
    test: str
    count: int  # of examples, or of seeds
    sign_flip_p: float | None = None  # over seeds: p without the assumption of normal differences


def mcnemar(first: Array, second: Array) -> AccuracyDifference:
    """Compare two classifiers on the same examples; True where each is correct, both (N,).

    Exact and two-sided: if they are equally good, each of the b + c examples that only one gets
    right is equally likely to be either's. Source: McNemar 1947. The interval is
    Bonett & Price's (2012): with p̃ = (b + 1)/(N + 2), q̃ = (c + 1)/(N + 2), it is
    q̃ − p̃ ± z √((p̃ + q̃ − (q̃ − p̃)²)/(N + 2)).
    """
    first, second = as_array(first, "first"), as_array(second, "second")
    if first.dtype != bool or second.dtype != bool or first.shape != second.shape:
        raise GlassnetError(
            "needs two arrays of the same shape, True or False for each example.",
            where="mcnemar",
            fix="Call mcnemar(first_predictions == labels, second_predictions == labels).",
        )
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    n, different = len(first), only_first + only_second
    p, q = (only_first + 1) / (n + 2), (only_second + 1) / (n + 2)
    half = Z95 * ((p + q - (q - p) ** 2) / (n + 2)) ** 0.5
    return AccuracyDifference(
        (only_second - only_first) / n,
        (max(-1.0, q - p - half), min(1.0, q - p + half)),
        float(binomtest(only_second, different).pvalue) if different else 1.0,
        MCNEMAR,
        n,
    )


def over_seeds(
    first: Sequence[float], second: Sequence[float], examples: int
) -> AccuracyDifference:
    """Compare two training methods by accuracies of the same seeds: the paired t-test.

    It tests whether other seeds would show the same difference on these test examples. Accuracies
    are multiples of 1/N, N the number of examples, so the variance of two roundings, 1/(6 N²), is
    added to that of the differences: a few equal differences are then not significant.

    The t-test assumes that differences between seeds are normally distributed. `sign_flip_p` is
    that of the exact test without this assumption: the share of the 2ⁿ choices of signs with a
    mean at least as far from 0. It is never below 2^(1−n), so it needs 6 seeds to reach 5%.
    """
    differences = np.subtract(second, first)
    n, mean = len(differences), float(differences.mean())
    error = ((float(differences.var(ddof=1)) + 1 / (6 * examples**2)) / n) ** 0.5
    half = float(student.ppf(0.975, n - 1)) * error
    p = float(2 * student.sf(abs(mean) / error, n - 1))
    interval = mean - half, mean + half
    return AccuracyDifference(mean, interval, p, PAIRED, n, _sign_flip(differences))


def _sign_flip(differences: Array) -> float:
    """Return the two-sided p of the sign-flip test: exact for up to 13 differences, else sampled.

    Source: Fisher 1935, "The design of experiments", section 21.
    """
    test = permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=_FLIPS, rng=0
    )
    return float(min(1.0, test.pvalue))


def half_width(values: Sequence[float] | Array) -> float:
    """Half of the 95% interval of the mean, t₀.₉₇₅ s/√n, by Student's t."""
    n = len(values)
    return float(student.ppf(0.975, n - 1) * np.std(values, ddof=1) / n**0.5)


def holm(ps: Sequence[float]) -> list[float]:
    """The p-values of multiple tests, with the family-wise correction. Source: Holm 1979."""
    corrected, largest = [0.0] * len(ps), 0.0
    for rank, i in enumerate(sorted(range(len(ps)), key=lambda i: ps[i])):
        largest = max(largest, min(1.0, (len(ps) - rank) * ps[i]))
        corrected[i] = largest
    return corrected


@dataclass(frozen=True)
class Changed:
    """An example that two classifiers predict differently; `row` is counted from 0."""

    row: int
    true: str
    first: str
    second: str


@dataclass(frozen=True)
class Changes:
    """The differences between the predictions of two classifiers."""

    count: int
    fixed: dict[str, int]  # by true class: only the second is correct; without classes of 0
    broken: dict[str, int]  # by true class: only the first is correct
    rows: tuple[Changed, ...]  # the first SHOWN


def changes(labels: Array, first: Array, second: Array, class_names: Sequence[str]) -> Changes:
    """Compare the predictions of two classifiers, given the true classes, all (N,)."""

    def by_class(rows: Array) -> dict[str, int]:
        counts = np.bincount(labels[rows], minlength=len(class_names)).tolist()
        return {name: n for name, n in zip(class_names, counts, strict=True) if n}

    rows = np.flatnonzero(first != second)
    return Changes(
        len(rows),
        by_class((first != labels) & (second == labels)),
        by_class((first == labels) & (second != labels)),
        tuple(
            Changed(row, *(class_names[classes[row]] for classes in (labels, first, second)))
            for row in rows[:SHOWN].tolist()
        ),
    )
