"""Plots of runs on tables: predicted numbers, their errors, and the importance of the columns."""

import numpy as np
from matplotlib.figure import Figure

from glassnet.core.arrays import Array
from glassnet.data import Rows
from glassnet.data.targets import Counts, Numbers
from glassnet.evaluate.intervals import intervals_of
from glassnet.plots.importance import importance_bars
from glassnet.plots.regression import (
    predicted_against_true,
    residual_histogram,
    residuals_against_predicted,
)
from glassnet.runs.importance import column_importances
from glassnet.runs.outputs import RunOutputs


def predicted(outputs: RunOutputs) -> Figure:
    """Predicted numbers by true values."""
    return predicted_against_true(*predicted_numbers(outputs))


def errors(outputs: RunOutputs) -> Figure:
    """Errors by predicted value."""
    return residuals_against_predicted(*predicted_numbers(outputs))


def error_histogram(outputs: RunOutputs) -> Figure:
    """The number of rows by error."""
    return residual_histogram(*predicted_numbers(outputs)[:3])


def importance(outputs: RunOutputs) -> Figure:
    """The importance of each column."""
    importances, error = column_importances(outputs)
    means, intervals = (
        np.array([getattr(one, field) for one in importances]) for field in ("mean", "interval")
    )
    return importance_bars([one.name for one in importances], means, intervals, error)


def predicted_numbers(outputs: RunOutputs) -> tuple[Array, Array, tuple[str, ...], Array | None]:
    """Return (true values, predicted ones, names, half widths of the prediction intervals).

    All but the names (N, K), of the test rows; there may be no intervals.
    """
    data = outputs.training_data.dataset
    assert isinstance(data, Rows)
    assert isinstance(data.target, Numbers | Counts)
    values = data.target.decoded(outputs.model.predict(data.x_test, verbose=0))
    intervals = intervals_of(outputs.model, str(outputs.run.model))
    half_widths = None
    if intervals:
        pairs = zip(intervals, values.T, strict=True)
        half_widths = np.stack([one.around(column)[1] - column for one, column in pairs], axis=1)
    return data.test.values, values, data.target.names, half_widths
