"""Significance tests for the difference between two networks on the same test examples."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import binomtest, permutation_test
from scipy.stats import t as student

from glassnet.core.arrays import Array, as_array, as_numbers, require_finite
from glassnet.core.errors import GlassnetError
from glassnet.data.dataset import TEST_ROW
from glassnet.evaluate.classification import Z95

_FLIPS = 10_000  # choices of signs, at most
SHOWN = 10  # rows that are listed
MCNEMAR, PAIRED = "McNemar", "paired t"  # tests


@dataclass(frozen=True)
class Difference:
    """A metric of the second minus that of the first, with the p-value of no difference."""

    mean: float
    interval: tuple[float, float]  # 95%
    p: float
    test: str
    count: int  # of examples, or of seeds
    sign_flip_p: float | None = None  # over seeds: p without the assumption of normal differences


def mcnemar(first: Array, second: Array) -> Difference:
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
    return Difference(
        (only_second - only_first) / n,
        (max(-1.0, q - p - half), min(1.0, q - p + half)),
        float(binomtest(only_second, different).pvalue) if different else 1.0,
        MCNEMAR,
        n,
    )


def mae_difference(y: Array, first: Array, second: Array) -> Difference:
    """Compare the mean absolute errors of predictions of the same rows: the paired t-test.

    y, first, second (N,). If both are equally good in that the errors of a row could be exchanged,
    the differences are symmetric: p is then below 5% in at most about 5 of 100 cases, for errors of
    any distribution. Raises GlassnetError for other shapes, fewer than 2 rows, and NaN or infinity.
    """
    a, b = (np.abs(errors) for errors in _errors(y, first, second))
    return _paired_t(float(b.mean() - a.mean()), b - a)


def ndcg_difference(first: Array, second: Array) -> Difference:
    """Compare the NDCG of two recommenders for the same users, both (N,): the paired t-test."""
    differences = second - first
    return _paired_t(float(differences.mean()), differences)


def rmse_difference(y: Array, first: Array, second: Array) -> Difference:
    """Compare the root mean squared errors likewise, by the delta method.

    The difference of the roots moves by the mean of ψₙ = e₂ₙ²/(2 RMSE₂) − e₁ₙ²/(2 RMSE₁).
    """
    squares = [np.square(errors) for errors in _errors(y, first, second)]
    roots = [float(np.sqrt(part.mean())) for part in squares]
    a, b = (part / (2 * root or 1) for part, root in zip(squares, roots, strict=True))
    return _paired_t(roots[1] - roots[0], b - a)


def _errors(y: Array, first: Array, second: Array) -> tuple[Array, Array]:
    """Return the errors of both in float64."""
    y, first, second = (
        require_finite(as_numbers(values, what), what, "float64")
        for what, values in (("y", y), ("first", first), ("second", second))
    )
    if y.ndim != 1 or len(y) < 2 or first.shape != y.shape or second.shape != y.shape:
        shapes = ", ".join(str(values.shape) for values in (y, first, second))
        raise GlassnetError(
            f"needs true values and two predictions of the same 2 or more rows, got {shapes}.",
            where="compare",
            fix="Pass one target at a time, (N,).",
        )
    return first - y, second - y


def _paired_t(mean: float, differences: Array, variance: float = 0.0) -> Difference:
    """Return the t-test of the mean of differences; `variance` is added to that of each.

    If all differences are the same, p is that of the sign-flip test.
    """
    n = len(differences)
    error = ((float(differences.var(ddof=1)) + variance) / n) ** 0.5
    half = float(student.ppf(0.975, n - 1)) * error
    if error:
        p = float(2 * student.sf(abs(mean) / error, n - 1))
    else:
        p = 2.0 ** (1 - n) if mean else 1.0
    return Difference(mean, (mean - half, mean + half), p, PAIRED, n)


def over_seeds(first: Sequence[float], second: Sequence[float], examples: int | None) -> Difference:
    """Compare two training methods by a metric of the same seeds: the paired t-test.

    It tests whether other seeds would show the same difference on these test examples. Accuracies
    are multiples of 1/N, N the number of examples, so the variance of two roundings, 1/(6 N²), is
    added to that of the differences: a few equal differences are then not significant. None is for
    metrics that are not rounded, such as the MAE.

    The t-test assumes that differences between seeds are normally distributed. `sign_flip_p` is
    that of the exact test without this assumption: the share of the 2ⁿ choices of signs with a
    mean at least as far from 0. It is never below 2^(1−n), so it needs 6 seeds to reach 5%.
    """
    differences = np.subtract(second, first)
    rounding = 1 / (6 * examples**2) if examples else 0.0
    difference = _paired_t(float(differences.mean()), differences, rounding)
    return replace(difference, sign_flip_p=_sign_flip(differences))


def _sign_flip(differences: Array) -> float:
    """Return the two-sided p of the sign-flip test: exact for up to 13 differences, else sampled.

    Source: Fisher 1935, "The design of experiments", section 21.
    """
    test = permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=_FLIPS, rng=0
    )
    return float(min(1.0, test.pvalue))


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
    place: str  # what people call it: its file, or "test row 3, line 12"


@dataclass(frozen=True)
class ChangedError:
    """A row whose error differs most between two networks; `row` is counted from 0."""

    row: int
    true: float
    first: float
    second: float
    place: str  # what people call it


@dataclass(frozen=True)
class ErrorChanges:
    """The rows that the second of two networks predicts better or worse than the first."""

    target: str
    count: int  # rows with different absolute errors
    better: int
    worse: int
    rows: tuple[ChangedError, ...]  # the SHOWN with the largest difference


@dataclass(frozen=True)
class Changes:
    """The differences between the predictions of two classifiers."""

    count: int
    fixed: dict[str, int]  # by true class: only the second is correct; without classes of 0
    broken: dict[str, int]  # by true class: only the first is correct
    rows: tuple[Changed, ...]  # the first SHOWN


def changes(
    labels: Array, first: Array, second: Array, class_names: Sequence[str],
    name_of: Callable[[int], str] = TEST_ROW,
) -> Changes:  # fmt: skip
    """Compare the predictions of two classifiers, given the true classes, all (N,).

    `name_of` returns what people call a row.
    """

    def by_class(rows: Array) -> dict[str, int]:
        counts = np.bincount(labels[rows], minlength=len(class_names)).tolist()
        return {name: n for name, n in zip(class_names, counts, strict=True) if n}

    rows = np.flatnonzero(first != second)
    return Changes(
        len(rows),
        by_class((first != labels) & (second == labels)),
        by_class((first == labels) & (second != labels)),
        tuple(
            Changed(
                row, class_names[labels[row]], class_names[first[row]], class_names[second[row]],
                name_of(row),
            )
            for row in rows[:SHOWN].tolist()
        ),
    )  # fmt: skip


def error_changes(
    y: Array, first: Array, second: Array, target: str,
    name_of: Callable[[int], str] = TEST_ROW,
) -> ErrorChanges:  # fmt: skip
    """Compare the absolute errors of two networks row by row.   y, first, second (N,)"""
    a, b = (np.abs(errors) for errors in _errors(y, first, second))
    better, worse = int((b < a).sum()), int((b > a).sum())
    largest = np.argsort(-np.abs(b - a), kind="stable")[:SHOWN].tolist()
    rows = tuple(
        ChangedError(row, float(y[row]), float(first[row]), float(second[row]), name_of(row))
        for row in largest
        if a[row] != b[row]
    )
    return ErrorChanges(target, better + worse, better, worse, rows)
