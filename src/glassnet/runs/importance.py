"""The importance of each column of a run's table to its network."""

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, take
from glassnet.core.errors import GlassnetError
from glassnet.data import Rows
from glassnet.data.targets import Counts, Numbers
from glassnet.evaluate.counts import poisson_deviance
from glassnet.evaluate.multi_label import THRESHOLD
from glassnet.explain.permutation import Group, Importance, permutation_importance
from glassnet.runs.outputs import RunOutputs

ROWS = 2000  # test rows at most: more take longer, and change little
_EVALUATIONS = 300  # of the test rows at most, but three for each column


def column_importances(outputs: RunOutputs) -> tuple[tuple[Importance, ...], str]:
    """Return (the importance of each column on test rows, the name of the error).

    It is the mean of 10 permutations; of fewer, at least 3, if there are over 30 columns.

    The error is 1 − accuracy for classes, the Hamming loss for labels, the MAE for numbers (of
    several, in standard deviations of each) and the Poisson deviance for counts.
    """
    data = outputs.training_data.dataset
    if not isinstance(data, Rows):
        raise GlassnetError("was not trained on the columns of a table.", where=str(outputs.run))
    groups: dict[str, Group] = {**data.preprocessing.places}
    first = 1 if groups else 0
    groups |= {c.name: first + i for i, c in enumerate(data.preprocessing.of_their_own)}
    rows = np.linspace(0, len(data.y_test) - 1, min(len(data.y_test), ROWS)).astype(int)
    error, name = _error(data, data.test.values[rows])

    def of_inputs(x: Array) -> float:
        return float(error(outputs.model.predict(x, verbose=0)))

    repeats = min(10, max(3, _EVALUATIONS // len(groups)))
    return permutation_importance(of_inputs, take(data.x_test, rows), groups, repeats), name


def _error(data: Rows, y: Array) -> tuple[Callable[[Array], Any], str]:
    """Return (the error of outputs of the network for rows with targets y, its name)."""
    target = data.target
    if isinstance(target, Numbers):
        scale = 1.0 if len(target.names) == 1 else np.array(target.scale)
        name = "MAE" if len(target.names) == 1 else "MAE (in standard deviations)"
        return lambda outputs: (np.abs(target.decoded(outputs) - y) / scale).mean(), name
    if isinstance(target, Counts):
        return lambda outputs: poisson_deviance(y, target.decoded(outputs)).mean(), "deviance"
    if target.kind == "labels":
        return lambda outputs: ((outputs >= THRESHOLD) != (y == 1)).mean(), "Hamming loss"
    return lambda outputs: (outputs.argmax(axis=1) != y).mean(), "error (1 − accuracy)"
