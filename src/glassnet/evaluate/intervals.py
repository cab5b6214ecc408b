"""The prediction intervals that a model of numbers or counts has in its file."""

from dataclasses import replace

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.evaluate.conformal import ConformalIntervals, conformal_intervals
from glassnet.model.model import Model

ENTRY = "intervals"  # of the model file


def fit_intervals(model: Model, y: Array, predictions: Array, least: Array | None = None) -> None:
    """Give a model the 90% intervals of true and predicted values (N, K) of the validation rows.

    `least` (K,) are the smallest values of the targets in the training set: if one is not below 0,
    neither is an end of an interval. The model gets no intervals from fewer than 9 rows, and from
    non-finite predictions.
    """
    model.about.pop(ENTRY, None)
    if np.isfinite(predictions).all():
        each = [conformal_intervals(*pair) for pair in zip(y.T, predictions.T, strict=True)]
        bounded = [False] * len(each) if least is None else (least >= 0).tolist()
        if all(each):
            model.about[ENTRY] = [
                replace(intervals, nonnegative=nonnegative).to_dict()
                for intervals, nonnegative in zip(each, bounded, strict=True)
                if intervals
            ]


def intervals_of(model: Model, where: str) -> tuple[ConformalIntervals, ...] | None:
    """The intervals of each output in a model's file, or None. Raises GlassnetError if invalid."""
    stored = model.about.get(ENTRY)
    if stored is None:
        return None
    if not isinstance(stored, list) or (len(stored),) != model.output_shape:
        raise GlassnetError("its prediction intervals are invalid.", where=where)
    return tuple(ConformalIntervals.from_dict(values, where) for values in stored)
