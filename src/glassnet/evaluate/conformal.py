"""Intervals for predicted numbers that contain the true value as often as asked.

Split conformal prediction: the half width of an interval is a quantile of the absolute errors on
validation rows, which were not trained on. If validation and new rows are exchangeable, an interval
contains the true value with a probability of at least the coverage, whatever the network and the
distribution. Here the errors are grouped by predicted value, since large values often have larger
errors: the coverage holds within each group (Mondrian conformal prediction; docs/log.md has what it
gains). Two things cost a little coverage, less than a point in the log: the groups are cut at
quantiles of the same rows, and the best epoch may be chosen on them.

Sources: Vovk, Gammerman & Shafer 2005, "Algorithmic learning in a random world", sections 4.1 and
4.5; Lei et al. 2018, "Distribution-free predictive inference for regression".
"""

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from glassnet.core.arrays import Array, as_numbers, require_finite
from glassnet.core.errors import GlassnetError
from glassnet.evaluate.classification import interval

GROUPS, LEAST = 10, 50  # groups at most, and rows of a group at least


@dataclass(frozen=True)
class ConformalIntervals:
    """Prediction intervals of one target: predicted value ± the half width of its group.

    If values are `nonnegative`, as prices and counts are, ends below 0 become 0: true values that
    are not below 0 are contained as before, so the coverage stays, and the interval is narrower. If
    the predicted value is below 0, its interval does not contain it.
    """

    coverage: float
    edges: tuple[float, ...]  # predicted values between the groups, ascending
    half_widths: tuple[float, ...]  # of each group: one more than the edges
    rows: int  # validation rows that they are from
    nonnegative: bool = False  # True if no training value is below 0

    def around(self, predictions: Array) -> tuple[Array, Array]:
        """Return the lower and the upper ends, (N,), for predicted values (N,)."""
        half = np.asarray(self.half_widths)[np.searchsorted(self.edges, predictions)]
        ends = predictions - half, predictions + half
        return (np.maximum(ends[0], 0), np.maximum(ends[1], 0)) if self.nonnegative else ends

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON values, for the model file."""
        return {**vars(self), "edges": list(self.edges), "half_widths": list(self.half_widths)}

    @classmethod
    def from_dict(cls, values: Any, where: str) -> Self:
        """Return the intervals that `to_dict` wrote; raises for anything else."""
        try:
            coverage, rows = values["coverage"], values["rows"]
            nonnegative = values.get("nonnegative", False)  # which older files lack
            edges, widths = (tuple(map(float, values[key])) for key in ("edges", "half_widths"))
            valid = isinstance(rows, int) and 0 < coverage < 1 and len(widths) == len(edges) + 1
            valid &= isinstance(nonnegative, bool)
            valid &= all(map(math.isfinite, (*edges, *widths))) and min(widths) >= 0
            valid &= list(edges) == sorted(set(edges))
        except (AttributeError, KeyError, TypeError, ValueError):
            valid = False
        if not valid:
            raise GlassnetError("its prediction intervals are invalid.", where=where)
        return cls(coverage, edges, widths, rows, nonnegative)


@dataclass(frozen=True)
class Coverage:
    """How often the intervals contain the true values of the test rows, and how wide they are."""

    asked: float
    covered: float
    covered_interval: tuple[float, float]  # 95%
    width: float  # mean

    def line(self) -> str:
        """The coverage in one line."""
        low, high = (f"{100 * end:.1f}" for end in self.covered_interval)
        return (
            f"{100 * self.asked:g}% prediction intervals contain {100 * self.covered:.1f}% of the "
            f"true values (95% interval {low}% to {high}%)"
        )


def conformal_intervals(
    y: Array, predictions: Array, coverage: float = 0.9
) -> ConformalIntervals | None:
    """The intervals of one target, from true and predicted values (N,) of the validation rows.

    None if there are fewer than `rows_needed(coverage)`. With several targets, each has intervals
    of its own, and so its own coverage. Raises for a coverage outside (0, 1) and for non-finite
    values.
    """
    least = max(LEAST, rows_needed(coverage))
    y, predictions = (
        require_finite(as_numbers(values, what), what, "float64")
        for what, values in (("y", y), ("predictions", predictions))
    )
    if y.ndim != 1 or y.shape != predictions.shape:
        raise GlassnetError(
            f"has shape {predictions.shape}, but y has {y.shape}.",
            where="predictions",
            fix="Pass one target at a time, (N,).",
        )
    if len(y) < rows_needed(coverage):
        return None
    errors = np.abs(y - predictions)
    for count in range(min(GROUPS, max(1, len(y) // least)), 0, -1):
        edges = np.unique(np.quantile(predictions, np.arange(1, count) / count))
        groups = np.searchsorted(edges, predictions)
        if count == 1 or np.bincount(groups, minlength=len(edges) + 1).min() >= least:
            break
    widths = (_quantile(errors[groups == k], coverage) for k in range(len(edges) + 1))
    return ConformalIntervals(coverage, tuple(edges.tolist()), tuple(widths), len(y))


def rows_needed(coverage: float) -> int:
    """The smallest number of rows from which such an interval is finite: 9 for 90%, 19 for 95%."""
    if not 0 < coverage < 1:
        raise GlassnetError(f"must lie between 0 and 1, got {coverage!r:.80}.", where="coverage")
    return math.ceil(round(coverage / (1 - coverage), 6))


def measured(intervals: ConformalIntervals, y: Array, predictions: Array) -> Coverage:
    """The coverage on test rows that were used for nothing else.   y, predictions (N,)

    A non-finite prediction is not covered.
    """
    low, high = intervals.around(predictions)
    count = int(((low <= y) & (y <= high)).sum())
    ends = interval(count, len(y))
    return Coverage(intervals.coverage, count / len(y), ends, float((high - low).mean()))


def _quantile(errors: Array, coverage: float) -> float:
    """Return the ⌈(n + 1) coverage⌉-th smallest error.

    A new error is equally likely to be of any rank among these n and itself.
    """
    rank = math.ceil(round((len(errors) + 1) * coverage, 6))
    return float(np.partition(errors, rank - 1)[rank - 1])
