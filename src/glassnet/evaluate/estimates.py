"""Estimates of errors from test rows, each with its 95% interval.

An error θ is a function of means over the rows. So log θ̂ − log θ is nearly the mean of a value ψₙ
of each row, and log θ̂ ± t s(ψ)/√N is an interval for log θ: the delta method, with Student's t.
Its ends are above 0, and it covers as often as BCa bootstrap intervals or more (docs/log.md).
Source: Efron & Tibshirani 1993, "An introduction to the bootstrap", sections 12 and 21.
"""

import math
from dataclasses import dataclass

from glassnet.core.arrays import Array
from glassnet.core.intervals import half_width

Interval = tuple[float, float]


@dataclass(frozen=True)
class Estimate:
    """An estimate with its 95% interval; None for fewer than two rows, and without any error."""

    value: float
    interval: Interval | None


def mean(errors: Array) -> Estimate:
    """The mean of errors (N,), all ≥ 0."""
    value = float(errors.mean())
    return Estimate(value, _times(value, _relative_half(errors, value)))


def root_mean(squares: Array) -> Estimate:
    """The square root of the mean of squares (N,).   ψ = q / (2 mean q)"""
    square = float(squares.mean())
    value = math.sqrt(square)
    return Estimate(value, _times(value, _relative_half(squares, 2 * square)))


def explained(errors: Array, baseline: Array) -> Estimate:
    """1 − Σ errors / Σ baseline, the share of a baseline's error that is avoided; NaN if that is 0.

    Both are (N,), or (N, K) for the mean of K shares; what a row has in different columns need not
    be independent.   ψₙ = Σₖ (eₙₖ − rₖ bₙₖ) / mean bₖ / Σₖ rₖ, with rₖ = Σₙ eₙₖ / Σₙ bₙₖ
    """
    errors, baseline = errors.reshape(len(errors), -1), baseline.reshape(len(errors), -1)
    of_baseline = baseline.mean(axis=0)
    if not (of_baseline > 0).all():
        return Estimate(math.nan, None)
    ratios = errors.mean(axis=0) / of_baseline
    missed = float(ratios.mean())
    values = ((errors - ratios * baseline) / of_baseline).mean(axis=1)
    ends = _times(missed, _relative_half(values, missed))
    return Estimate(1 - missed, ends and (1 - ends[1], 1 - ends[0]))


def _relative_half(values: Array, scale: float) -> float:
    """Half of the interval of the logarithm, t₀.₉₇₅ s(values)/√N / scale; NaN if there is none."""
    return half_width(values) / scale if len(values) > 1 and 0 < scale < math.inf else math.nan


def _times(value: float, half: float) -> Interval | None:
    """Return value · exp(± half)."""
    if math.isnan(half):
        return None
    return value * math.exp(-half), value * math.exp(min(half, 700.0))
