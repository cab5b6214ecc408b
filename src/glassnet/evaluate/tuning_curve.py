"""The tuning curve: how good the best of n random trials is, with a band for all n at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from scipy.stats import kstwo

from glassnet.core.arrays import Array

LEVEL = 0.95


@dataclass(frozen=True)
class TuningCurve:
    """The median of the best score of n trials, for n = 1 to N: an estimate and a 95% band.

    The true curve lies in the band for all n at once. An end of the band that the trials don't
    bound is infinite.
    """

    trials: Array  # (N,): 1, ..., N
    median: Array  # (N,)
    low: Array  # (N,)
    high: Array  # (N,)


def tuning_curve(scores: Sequence[float] | Array, maximize: bool) -> TuningCurve:
    """Return the tuning curve of N independent trials; NaN is a trial without a score.

    With F the distribution of the scores, the median of the best of n is the quantile
    F⁻¹(0.5^(1/n)). With F̂ that of the scores that were seen, F̂ − ε ≤ F ≤ F̂ + ε everywhere with
    probability 95%, for ε the quantile of Kolmogorov's statistic; the ends of the band are the
    quantiles of these two. They are exact for continuous scores, and too wide for others. A trial
    without a score is worse than all others.

    It is for trials whose settings are drawn independently, without regard to earlier scores, and
    which are all trained to their ends. Source: Lourie, Cho & He 2024, "Show your work with
    confidence", section 3; ε: Kolmogorov 1933, smaller than that of the DKW inequality.
    """
    sign = 1 if maximize else -1
    values = np.asarray(scores, dtype="float64")
    ordered = np.sort(np.where(np.isnan(values), -np.inf, sign * values))
    count = len(ordered)
    trials = np.arange(1, count + 1)
    shares = 0.5 ** (1 / trials)  # of the trials are worse than the median of the best of n
    band = _half_band(count)
    low, median, high = (_quantiles(ordered, shares + shift) for shift in (-band, 0.0, band))
    if not maximize:
        low, median, high = -high, -median, -low
    return TuningCurve(trials, median, low, high)


@cache
def _half_band(count: int) -> float:
    """Return ε for a number of scores."""
    return float(kstwo(count).ppf(LEVEL))


def _quantiles(ordered: Array, shares: Array) -> Any:
    """Return the smallest values with these shares of all at or below them; ±∞ beyond 0 and 1."""
    ranks = np.ceil(np.round(shares * len(ordered), 9)).astype(int)  # from 1
    padded = np.concatenate([[-np.inf], ordered, [np.inf]])
    return padded[np.clip(ranks, 0, len(ordered) + 1)]
