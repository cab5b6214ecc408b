"""The bases of metrics, and what they know of outputs and targets."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from glassnet.core.arrays import spread
from glassnet.core.configured import Configured
from glassnet.core.errors import GlassnetError
from glassnet.core.keras_names import KerasNames
from glassnet.core.protocols import Array
from glassnet.metrics.kind import OutputKind
from glassnet.metrics.state import Accumulating

Measure = Callable[..., Array]  # (outputs, targets) -> a value for each example
DatasetMeasure = Callable[..., float]  # (outputs, targets, weights or None) -> a number


class Metric(Accumulating, KerasNames, Configured):
    """A value for each example; the field `name` is the name of their mean in histories."""

    kind: ClassVar[str] = "metric"
    per_dataset: ClassVar[bool] = False  # defined for a whole data set, not a mean over examples

    name: str

    def checked(self, kind: OutputKind) -> None:
        """Raise if the metric is meaningless for such outputs."""

    def measure(self, outputs: Array, targets: Array, *, kind: OutputKind) -> Array:
        """Return a value for each example (for each step, if targets have steps)."""
        raise NotImplementedError

    def over(
        self, outputs: Array, targets: Array, weights: Array | None = None, *, kind: OutputKind
    ) -> float:
        """Return the metric over all these examples: Σ w m / Σ w."""
        values = np.asarray(self.measure(outputs, targets, kind=kind), np.float64)
        if weights is None:
            return float(values.mean())
        weights = np.broadcast_to(spread(weights, values), values.shape)
        total = float(weights.sum())
        return float((values * weights).sum()) / total if total else 0.0


class DatasetMetric(Metric):
    """A metric of a whole data set.

    With one output, of its positive class. With more, the macro average: the mean over the
    classes, which all have equal weight, however many examples they have.
    """

    per_dataset: ClassVar[bool] = True

    def over(
        self, outputs: Array, targets: Array, weights: Array | None = None, *, kind: OutputKind
    ) -> float:
        """Return the metric over all these examples."""
        import sklearn.metrics as scorers  # takes a second to import: only if it is needed

        true, predicted = kind.decided(outputs, targets)
        # A class without examples counts too, as in Keras.
        options: dict[str, Any] = {"average": "macro", "labels": range(kind.classes)}
        if kind.classes == 1:
            true, predicted, options = true[:, 0], predicted[:, 0], {"average": "binary"}
        score = getattr(scorers, f"{self._score}_score")
        weights = self.rows(weights, targets, kind)
        return float(score(true, predicted, **options, sample_weight=weights, zero_division=0))

    _score: ClassVar[str]

    def rows(self, weights: Array | None, targets: Array, kind: OutputKind) -> Array | None:
        """Return the weight of each row of the flattened outputs, from example or step weights."""
        if weights is None:
            return None
        if not (weights > 0).any():
            raise GlassnetError("all weights are 0.", where=f"metric {self.name!r}")
        steps = targets if kind.labels else targets[..., 0]
        return np.broadcast_to(spread(weights, steps), steps.shape).reshape(-1)
