"""The errors of a network that predicts counts."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.core.tables import significant
from glassnet.evaluate.conformal import ConformalIntervals, Coverage, measured
from glassnet.evaluate.constants import Constants
from glassnet.evaluate.estimates import Estimate, explained, mean
from glassnet.evaluate.regression import (
    ErrorsOfTargets,
    checked,
    nonfinite_note,
    shown,
    worst_rows,
)


@dataclass(frozen=True)
class CountErrors:
    """The errors of one count, and those of the best constants of the training rows.

    The Poisson deviance of a row is d(t, y) = 2 (t log(t/y) − t + y): 0 if y = t, infinite if y = 0
    and t > 0; its mean is about 1 if the counts have a Poisson distribution with the means y. D² is
    1 − Σ d(t, y) / Σ d(t, mean t), NaN if all test values are the same. It is to the deviance what
    R² is to squared errors.
    """

    name: str
    deviance: Estimate
    d2: Estimate
    mae: Estimate
    deviance_of_mean: float  # if the training mean is always predicted
    mae_of_median: float  # if the training median is always predicted
    coverage: Coverage | None = None  # of the prediction intervals, if the model has them


@dataclass(frozen=True)
class Counts(ErrorsOfTargets):
    """The test results of a network that predicts counts."""

    targets: tuple[CountErrors, ...]

    about: ClassVar[str] = (
        "baselines: always predict the training mean (deviance) or the median (MAE)"
    )

    def headline(self) -> str:
        """The errors in one line."""
        return "; ".join(
            f"{t.name}: deviance {shown(t.deviance)}, D² {shown(t.d2, 3)}, MAE {shown(t.mae)}"
            for t in self.targets
        )

    def rows(self) -> list[tuple[str, ...]]:
        """The table of counts, the heading first."""
        heading = ("count", "deviance (95%)", "baseline", "D² (95%)", "MAE (95%)", "baseline")
        rows: list[tuple[str, ...]] = [heading]
        for t in self.targets:
            baselines = significant(t.deviance_of_mean), significant(t.mae_of_median)
            errors = shown(t.deviance), baselines[0], shown(t.d2, 3), shown(t.mae), baselines[1]
            rows.append((t.name, *errors))
        return rows

    def notes(self) -> Iterator[str]:
        """What limits the numbers, as sentences."""
        if self.nonfinite:
            yield nonfinite_note(self.nonfinite, self.count)
        if self.count == 1:
            yield "One test row gives no intervals and no D²."
        for t in self.targets:
            if math.isinf(t.deviance.value) and not self.nonfinite:
                yield f"{t.name}: a prediction of 0 for a larger count has an infinite deviance."
            if not math.isfinite(t.deviance.value):
                continue
            if self.count > 1 and math.isnan(t.d2.value):
                yield f"{t.name}: D² is undefined, because all test values are the same."
            if t.deviance.value >= t.deviance_of_mean:
                yield f"{t.name}: deviance not below the baseline."


def counts(
    y: Array,
    predictions: Array,
    loss: float,
    names: Sequence[str],
    train: Array | Constants,
    intervals: Sequence[ConformalIntervals] | None = None,
) -> Counts:
    """All errors, from true counts and predicted means (N, K) or (N,).

    `train` (M, K) are the true counts of the training rows, for the baselines, or their constants;
    `intervals` are the prediction intervals of each. Raises GlassnetError for other shapes, without
    rows, for numbers below 0, and for non-finite true counts.
    """
    y, predictions, constants = checked(y, predictions, names, train)
    for what, values in (("y", y), ("predictions", predictions), ("train", constants.mean[None])):
        if (values < 0).any():
            row = int((values < 0).any(axis=1).argmax())
            raise GlassnetError(f"row {row} is below 0, so it is not a count.", where=what)
    deviances, absolute = poisson_deviance(y, predictions), np.abs(predictions - y)
    of_mean = poisson_deviance(y, np.broadcast_to(y.mean(axis=0), y.shape))
    of_mean = of_mean * (np.ptp(y, axis=0) > 0)
    of_train = poisson_deviance(y, np.broadcast_to(constants.mean, y.shape))
    with np.errstate(invalid="ignore"):
        targets = tuple(
            CountErrors(
                name,
                mean(deviances[:, k]),
                explained(deviances[:, k], of_mean[:, k]),
                mean(absolute[:, k]),
                float(of_train[:, k].mean()),
                float(np.abs(y[:, k] - constants.median[k]).mean()),
                measured(intervals[k], y[:, k], predictions[:, k]) if intervals else None,
            )
            for k, name in enumerate(names)
        )
    nonfinite = int((~np.isfinite(predictions)).any(axis=1).sum())
    return Counts(targets, worst_rows(y, predictions, names), loss, len(y), nonfinite)


def poisson_deviance(t: Array, y: Array) -> Array:
    """2 (t log(t/y) − t + y), where 0 log 0 is 0.   t, y (...) -> (...)"""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(t > 0, t * np.log(t / y), 0 * y)
    deviance: Array = np.maximum(2 * (logs - t + y), 0)  # rounding can make it −1e-16
    return deviance
