"""The test results of a network, whatever it predicts."""

from collections.abc import Sequence

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.data.targets import Counts as CountTarget
from glassnet.data.targets import Numbers, Target
from glassnet.evaluate.classification import Classification
from glassnet.evaluate.conformal import ConformalIntervals
from glassnet.evaluate.counts import Counts, counts
from glassnet.evaluate.language_model import NextByte
from glassnet.evaluate.multi_label import MultiLabel, multi_label
from glassnet.evaluate.recommendation import Recommendation
from glassnet.evaluate.regression import Regression, regression

TaskResult = Regression | Counts | MultiLabel | Recommendation
TestResult = Classification | NextByte | TaskResult


def task_result(
    target: Target,
    values: np.ndarray,
    outputs: np.ndarray,
    loss: float,
    train: np.ndarray,
    intervals: Sequence[ConformalIntervals] | None = None,
) -> TaskResult:
    """Return the results for numbers, counts or labels, in the unit of the target.

    `values` are those of the test rows, `train` those of the training rows, for the baselines,
    and `intervals` the prediction intervals of numbers and counts.
    """
    if isinstance(target, Numbers):
        return regression(values, target.decoded(outputs), loss, target.names, train, intervals)
    if isinstance(target, CountTarget):
        return counts(values, target.decoded(outputs), loss, target.names, train, intervals)
    if target.kind != "labels":
        raise GlassnetError(f"predicts {target.kind}.", where="task_result")
    return multi_label(values, outputs, loss, target.names, train)
