"""The test results of a network, whatever it predicts."""

from collections.abc import Sequence

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.data.targets import Counts as CountTarget
from glassnet.data.targets import Labels, Numbers, Target
from glassnet.evaluate.classification import Classification
from glassnet.evaluate.conformal import ConformalIntervals
from glassnet.evaluate.constants import Constants
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
    intervals: Sequence[ConformalIntervals] | None = None,
) -> TaskResult:
    """Return the results for numbers, counts or labels, in the unit of the target.

    `values` are those of the rows, and `intervals` the prediction intervals of numbers and counts.
    """
    if not isinstance(target, Numbers | CountTarget | Labels):
        raise GlassnetError(f"predicts {target.kind}.", where="task_result")
    constants = Constants.of_target(target)
    if isinstance(target, Numbers):
        return regression(values, target.decoded(outputs), loss, target.names, constants, intervals)
    if isinstance(target, CountTarget):
        return counts(values, target.decoded(outputs), loss, target.names, constants, intervals)
    return multi_label(values, outputs, loss, target.names, constants)
