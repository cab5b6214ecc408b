"""The errors of a network that predicts numbers, in the unit of each target."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from glassnet.core.arrays import Array, as_numbers, require_finite
from glassnet.core.errors import GlassnetError
from glassnet.core.tables import significant, table
from glassnet.data.dataset import TEST_ROW
from glassnet.evaluate.conformal import ConformalIntervals, Coverage, measured
from glassnet.evaluate.constants import Constants
from glassnet.evaluate.estimates import Estimate, explained, mean, root_mean

SHOWN = 10  # worst rows that are listed


@dataclass(frozen=True)
class TargetErrors:
    """The errors of one target, and those of the best constants of the training rows.

    R² = 1 − Σ(t − y)² / Σ(t − mean t)² compares with the mean of the test rows, as everywhere; it
    is NaN if all test values are the same. If large errors are so rare that the test rows may lack
    them, the intervals of RMSE and R² cover less than 95%; MAE's hardly does (docs/log.md).
    """

    name: str
    mae: Estimate
    rmse: Estimate
    r2: Estimate
    mae_of_median: float  # if the training median is always predicted
    rmse_of_mean: float  # if the training mean is always predicted
    coverage: Coverage | None = None  # of the prediction intervals, if the model has them

    @property
    def no_better(self) -> tuple[str, ...]:
        """The errors that are not below those of the constants."""
        pairs = (self.mae.value, self.mae_of_median), (self.rmse.value, self.rmse_of_mean)
        names = zip(("MAE", "RMSE"), pairs, strict=True)
        return tuple(name for name, (error, baseline) in names if error >= baseline)


@dataclass(frozen=True)
class WorstRow:
    """A row with a large error; `row` is its row in the test set, counted from 0.

    `place` is what people call it: "test row 3, line 12".
    """

    row: int
    target: str
    true: float
    predicted: float
    error: float  # predicted minus true
    place: str


@dataclass(frozen=True)
class ErrorsOfTargets:
    """The test results of a network that predicts numbers or counts.

    If a prediction is non-finite (NaN or infinite), so are the errors of its target.
    """

    targets: tuple[Any, ...]  # `TargetErrors`, or `CountErrors`
    worst: tuple[WorstRow, ...]  # by error over the target's RMSE, the largest first
    loss: float
    count: int
    nonfinite: int  # rows with a non-finite prediction

    about: ClassVar[str]  # what the baselines are

    def placed(self, name_of: Callable[[int], str]) -> Self:
        """Return the results with the places of the worst rows, from what people call a row."""
        worst = (replace(row, place=name_of(row.row)) for row in self.worst)
        return replace(self, worst=tuple(worst))

    def _repr_html_(self) -> str:
        from glassnet.evaluate.representation import of_rows

        return of_rows(self.headline(), self.rows(), self.notes())

    def headline(self) -> str:
        """The errors in one line."""
        raise NotImplementedError

    def rows(self) -> list[tuple[str, ...]]:
        """The table of targets, the heading first."""
        raise NotImplementedError

    def notes(self) -> Iterator[str]:
        """What limits the numbers, as sentences."""
        raise NotImplementedError

    def lines(self) -> list[str]:
        """The table of targets as text, with what limits its numbers."""
        coverages = (f"{t.name}: {t.coverage.line()}" for t in self.targets if t.coverage)
        return [*table(self.rows(), "<>>>>>"), self.about, *coverages, *self.notes()]


@dataclass(frozen=True)
class Regression(ErrorsOfTargets):
    """The test results of a network that predicts numbers."""

    targets: tuple[TargetErrors, ...]

    about: ClassVar[str] = (
        "baselines: always predict the training median (MAE) or the training mean (RMSE)"
    )

    def headline(self) -> str:
        """The errors in one line."""
        return "; ".join(
            f"{t.name}: MAE {shown(t.mae)}, RMSE {shown(t.rmse)}, R² {shown(t.r2, 3)}"
            for t in self.targets
        )

    def rows(self) -> list[tuple[str, ...]]:
        """The table of targets, the heading first."""
        heading = ("target", "MAE (95%)", "baseline", "RMSE (95%)", "baseline", "R² (95%)")
        rows: list[tuple[str, ...]] = [heading]
        for t in self.targets:
            baselines = significant(t.mae_of_median), significant(t.rmse_of_mean)
            errors = shown(t.mae), baselines[0], shown(t.rmse), baselines[1], shown(t.r2, 3)
            rows.append((t.name, *errors))
        return rows

    def notes(self) -> Iterator[str]:
        """What limits the numbers, as sentences."""
        if self.nonfinite:
            yield nonfinite_note(self.nonfinite, self.count)
        if self.count == 1:
            yield "One test row gives no intervals and no R²."
        for t in self.targets:
            if not math.isfinite(t.rmse.value):
                continue
            if self.count > 1 and math.isnan(t.r2.value):
                yield f"{t.name}: R² is undefined, because all test values are the same."
            if t.no_better:
                yield f"{t.name}: {' and '.join(t.no_better)} not below the baseline."

    def worst_lines(self) -> list[str]:
        """The table of the worst rows as text."""
        rows = [("worst rows", "target", "true", "predicted", "error")]
        for w in self.worst:
            values = significant(w.true, 6), significant(w.predicted, 6)
            rows.append((w.place, w.target, *values, signed(w.error)))
        return table(rows, "<<>>>")


def regression(
    y: Array,
    predictions: Array,
    loss: float,
    names: Sequence[str],
    train: Array | Constants,
    intervals: Sequence[ConformalIntervals] | None = None,
) -> Regression:
    """All errors, from true values and predictions (N, K) or (N,), in the targets' own units.

    `train` (M, K) are the true values of the training rows, for the baselines, or their constants;
    `intervals` are the prediction intervals of each target. Raises GlassnetError for other shapes,
    without rows, and for non-finite true values.
    """
    y, predictions, constants = checked(y, predictions, names, train)
    errors = predictions - y
    with np.errstate(invalid="ignore", over="ignore"):
        absolute, squares = np.abs(errors), np.square(errors)
        spread = np.square(y - y.mean(axis=0)) * (np.ptp(y, axis=0) > 0)
        targets = tuple(
            TargetErrors(
                name,
                mean(absolute[:, k]),
                root_mean(squares[:, k]),
                explained(squares[:, k], spread[:, k]),
                float(np.abs(y[:, k] - constants.median[k]).mean()),
                float(np.sqrt(np.square(y[:, k] - constants.mean[k]).mean())),
                measured(intervals[k], y[:, k], predictions[:, k]) if intervals else None,
            )
            for k, name in enumerate(names)
        )
    nonfinite = int((~np.isfinite(predictions)).any(axis=1).sum())
    worst = worst_rows(y, predictions, names)
    return Regression(targets, worst, loss, len(y), nonfinite)


def worst_rows(y: Array, predictions: Array, names: Sequence[str]) -> tuple[WorstRow, ...]:
    """The rows with the largest errors, in multiples of the target's RMSE; non-finite first."""
    errors = predictions - y
    sizes = np.where(np.isfinite(errors), np.abs(errors), np.inf)
    finite = np.where(np.isfinite(errors), errors, 0.0)
    relative = sizes / np.maximum(np.sqrt(np.square(finite).mean(axis=0)), 1e-300)
    largest = relative.max(axis=1)
    order = np.argsort(-largest, kind="stable")[:SHOWN]
    return tuple(
        WorstRow(
            row, names[k := int(relative[row].argmax())], float(y[row, k]),
            float(predictions[row, k]), float(errors[row, k]),
            TEST_ROW(row),
        )
        for row in order.tolist()
        if largest[row] > 0
    )  # fmt: skip


def checked(
    y: Array, predictions: Array, names: Sequence[str], train: Array | Constants
) -> tuple[Array, Array, Constants]:
    """Return the arrays as float64 of K columns, and the constants; raises for what can't be
    compared.
    """
    columns = []
    arrays = [("y", y), ("predictions", predictions)]
    if not isinstance(train, Constants):
        arrays.append(("train", train))
    for what, values in arrays:
        array = as_numbers(values, what).astype(np.float64)
        if array.shape[1:] not in ((len(names),), ()) or array.size != len(array) * len(names):
            raise GlassnetError(
                f"has shape {array.shape}, but there are {len(names)} targets.",
                where=what,
                fix="Use one row for each example and one column for each target.",
            )
        if not len(array):
            raise GlassnetError("has no rows.", where=what)
        columns.append(array.reshape(len(array), -1))
    y, predictions = require_finite(columns[0], "y"), columns[1]
    if len(y) != len(predictions):
        raise GlassnetError(
            f"has {len(predictions)} rows, but y has {len(y)}.", where="predictions"
        )
    if not isinstance(train, Constants):
        train = Constants.of(require_finite(columns[2], "train"))
    return y, predictions, train


def shown(estimate: Estimate, decimals: int | None = None) -> str:
    """Return an estimate and its interval as text, with 4 significant digits or as shares."""

    def number(value: float) -> str:
        return significant(value) if decimals is None else f"{value:.{decimals}f}"

    if math.isnan(estimate.value):
        return "undefined"
    if estimate.interval is None:
        return number(estimate.value)
    low, high = map(number, estimate.interval)
    return f"{number(estimate.value)} ({low} to {high})"


def signed(error: float) -> str:
    """Return an error as text, with its sign."""
    return f"{'+' if error > 0 else ''}{significant(error)}"


def nonfinite_note(rows: int, count: int) -> str:
    """Return the sentence on non-finite predictions."""
    return f"{rows:,} of {count:,} rows have a non-finite prediction (NaN or infinite)."
