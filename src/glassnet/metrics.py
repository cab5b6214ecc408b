"""Metrics: numbers for people to read; no gradient flows through them.

Most are means over examples and run inside the compiled steps. Precision, recall, F1 and AUC are
not: they are defined for a whole data set, and their mean over batches differs. So scikit-learn
computes them for validation data and in `evaluate`, not during the training steps.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from glassnet.core.arrays import spread
from glassnet.core.configured import Configured
from glassnet.core.errors import GlassnetError
from glassnet.core.functions import Function, is_function
from glassnet.core.keras_names import KerasNames
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import alias, build, describe, names, register, resolve
from glassnet.ops.activations import ACTIVATIONS
from glassnet.ops.losses import one_hot

Measure = Callable[..., Array]  # (outputs, targets) -> a value for each example
_TOP = re.compile(r"top_([1-9][0-9]{0,8})_accuracy")
DatasetMeasure = Callable[..., float]  # (outputs, targets, weights or None) -> a number


@dataclass(frozen=True)
class OutputKind:
    """The kind of a network's outputs and targets, as its loss interprets them."""

    classes: int  # the length of the last axis of the outputs
    labels: bool = False  # targets are class indices, one axis fewer than the outputs
    exclusive: bool = False  # exactly one class is true; else each output is a yes or no
    activation: str | None = None  # turns outputs into probabilities; None if they are
    threshold: float = 0.5  # an output above it means yes
    fused: bool = False  # the network's last activation is computed by the loss, not before it

    def probabilities(self, outputs: Array) -> Array:
        """The outputs as probabilities, with the activation that the loss is fused with applied."""
        return ACTIVATIONS[self.activation or "linear"](outputs)[0]

    def values(self, outputs: Array, targets: Array) -> Array:
        """The targets in the shape of the outputs."""
        return one_hot(targets, outputs) if self.labels else targets

    def decided(self, outputs: Array, targets: Array) -> tuple[Array, Array]:
        """Return (true, predicted): class indices (M,), or booleans (M, classes)."""
        rows = outputs.reshape(-1, self.classes)
        if self.exclusive:
            true = targets if self.labels else targets.argmax(axis=-1)
            return true.reshape(-1), rows.argmax(axis=-1)
        return targets.reshape(rows.shape) > 0.5, rows > self.threshold


def sparse_accuracy(outputs: Array, labels: Array) -> Array:
    """1 where the largest output is at the label.   outputs (..., C), labels (...) -> (...)."""
    return outputs.argmax(axis=-1) == labels


def categorical_accuracy(outputs: Array, targets: Array) -> Array:
    """1 where the largest output and the largest (one-hot) target have the same index."""
    return outputs.argmax(axis=-1) == targets.argmax(axis=-1)


class Metric(KerasNames, Configured):
    """A value for each example; the field `name` is the name of their mean in histories."""

    kind: ClassVar[str] = "metric"
    per_dataset: ClassVar[bool] = False  # defined for a whole data set, not a mean over examples

    name: str

    def checked(self, kind: OutputKind) -> None:
        """Raise if the metric is meaningless for such outputs."""

    def measure(self, outputs: Array, targets: Array, *, kind: OutputKind) -> Array:
        """Return a value for each example (for each step, if targets have steps)."""
        raise NotImplementedError


@register("metric", "accuracy", "acc", "categorical_accuracy", "sparse_categorical_accuracy")
@dataclass(frozen=True)
class Accuracy(Metric):
    """The share of correct predictions; a single output is compared with its threshold."""

    name: str = "accuracy"

    def measure(self, outputs: Array, targets: Array, *, kind: OutputKind) -> Array:
        if kind.labels:
            return sparse_accuracy(outputs, targets)
        if kind.classes > 1:
            return categorical_accuracy(outputs, targets)
        return ((outputs > kind.threshold) == (targets > 0.5)).mean(axis=-1)


@register("metric", "binary_accuracy")
@dataclass(frozen=True)
class BinaryAccuracy(Metric):
    """The share of outputs on the correct side of the threshold, each a separate decision."""

    name: str = "binary_accuracy"
    threshold: float = 0.5

    def measure(self, outputs: Array, targets: Array, *, kind: OutputKind) -> Array:
        positive = kind.probabilities(outputs) > self.threshold
        return (positive == (kind.values(outputs, targets) > 0.5)).mean(axis=-1)


@register("metric", "top_k_categorical_accuracy", "sparse_top_k_categorical_accuracy")
@dataclass(frozen=True)
class TopKCategoricalAccuracy(Metric):
    """The share of examples whose true class is among the k largest outputs.

    The name "top_3_accuracy" means k = 3, and so on. Ties count as correct, as in Keras.
    """

    k: int = 5
    name: str = "top_k_categorical_accuracy"

    def __post_init__(self) -> None:
        if self.k < 1:
            raise GlassnetError(f"k must be ≥ 1, got {self.k}.", where=self.name)

    def checked(self, kind: OutputKind) -> None:
        if self.k >= kind.classes:
            raise GlassnetError(
                f"of {kind.classes} outputs, the true one is always among the {self.k} largest.",
                where=f"metric {self.name!r}",
                fix="Choose a smaller k, or accuracy.",
            )

    def measure(self, outputs: Array, targets: Array, *, kind: OutputKind) -> Array:
        labels = targets if kind.labels else targets.argmax(axis=-1)
        xp = namespace(outputs)
        true = xp.take_along_axis(outputs, xp.asarray(labels)[..., None], axis=-1)
        among = (outputs > true).sum(axis=-1) < self.k
        return among & xp.isfinite(true[..., 0])  # a NaN output is wrong, as in Keras


@register("metric", "mean_squared_error", "mse")
@dataclass(frozen=True)
class MeanSquaredError(Metric):
    """The mean over the outputs of (y − t)²; with a cross-entropy, y are the probabilities."""

    name: str = "mean_squared_error"

    def measure(self, outputs: Array, targets: Array, *, kind: OutputKind) -> Array:
        difference = kind.probabilities(outputs) - kind.values(outputs, targets)
        return (difference * difference).mean(axis=-1)


@register("metric", "mean_absolute_error", "mae")
@dataclass(frozen=True)
class MeanAbsoluteError(Metric):
    """The mean over the outputs of |y − t|; with a cross-entropy, y are the probabilities."""

    name: str = "mean_absolute_error"

    def measure(self, outputs: Array, targets: Array, *, kind: OutputKind) -> Array:
        difference = kind.probabilities(outputs) - kind.values(outputs, targets)
        return abs(difference).mean(axis=-1)


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
        weights = self._rows(weights, targets, kind)
        return float(score(true, predicted, **options, sample_weight=weights, zero_division=0))

    _score: ClassVar[str]

    def _rows(self, weights: Array | None, targets: Array, kind: OutputKind) -> Array | None:
        """Return the weight of each row of the flattened outputs, from example or step weights."""
        if weights is None:
            return None
        if not (weights > 0).any():
            raise GlassnetError("all weights are 0.", where=f"metric {self.name!r}")
        steps = targets if kind.labels else targets[..., 0]
        return np.broadcast_to(spread(weights, steps), steps.shape).reshape(-1)


@register("metric", "precision")
@dataclass(frozen=True)
class Precision(DatasetMetric):
    """The share of the examples predicted to be in a class that are in it."""

    name: str = "precision"
    _score: ClassVar[str] = "precision"


@register("metric", "recall")
@dataclass(frozen=True)
class Recall(DatasetMetric):
    """The share of the examples in a class that are predicted to be in it."""

    name: str = "recall"
    _score: ClassVar[str] = "recall"


@register("metric", "f1_score", "f1")
@dataclass(frozen=True)
class F1Score(DatasetMetric):
    """The harmonic mean of precision and recall; with multiple classes, averaged over them."""

    name: str = "f1_score"
    _score: ClassVar[str] = "f1"


@register("metric", "auc")
@dataclass(frozen=True)
class AUC(DatasetMetric):
    """The area under the ROC curve: how often a positive scores higher than a negative.

    Exact, whereas Keras sums over 200 thresholds. With multiple classes, the mean of the areas of
    each class against the rest, without classes that contain all or none of the examples.
    """

    name: str = "auc"

    def over(
        self, outputs: Array, targets: Array, weights: Array | None = None, *, kind: OutputKind
    ) -> float:
        from sklearn.metrics import roc_auc_score

        weights = self._rows(weights, targets, kind)
        scores = kind.probabilities(outputs).reshape(-1, kind.classes)
        positive = kind.values(outputs, targets).reshape(scores.shape) > 0.5
        if weights is not None:  # an example with weight 0 does not make a class exist
            counted = weights > 0
            scores, positive, weights = scores[counted], positive[counted], weights[counted]
        if not np.isfinite(scores).all():
            return float("nan")
        areas = [
            roc_auc_score(positive[:, c], scores[:, c], sample_weight=weights)
            for c in range(kind.classes)
            if 0 < positive[:, c].sum() < len(positive)
        ]
        if not areas:
            raise GlassnetError(
                "all examples are of one class, so the area under the curve is undefined.",
                where=f"metric {self.name!r}",
                fix="Provide examples of both classes, for example with stratify=True.",
            )
        return float(np.mean(areas))


alias("metric", "top_5_accuracy", TopKCategoricalAccuracy(5))


def get(value: "str | Metric | Function") -> Metric:
    """Return the metric for a name, which is also its name in histories, or for a function; a
    metric is returned unchanged.
    """
    if isinstance(value, str) and (top := _TOP.fullmatch(value)):
        return TopKCategoricalAccuracy(int(top[1]), name=value)
    metric = resolve("metric", value, where="metrics")
    return replace(metric, name=value) if isinstance(value, str) else metric


def chosen(listed: Any, others: Iterable[Metric] = ()) -> tuple[Metric, ...]:
    """Return the listed metrics; one that is also in `others` is renamed to weighted_...."""
    one = isinstance(listed, str | Metric) or is_function(listed)
    listed = [listed] if one else list(listed or ())
    taken, metrics = ["loss", *(metric.name for metric in others)], []
    for item in listed:
        metric: Any = get(item)
        if metric in others:
            metric = replace(metric, name=f"weighted_{metric.name}")
        if metric.name in taken:
            raise GlassnetError(
                f"two metrics would be called {metric.name!r}.",
                where="metrics",
                fix=f'Name one of them: {type(metric).__name__}(name="...").',
            )
        taken.append(metric.name)
        metrics.append(metric)
    return tuple(metrics)


def to_json(listed: Iterable[Metric]) -> list[Any]:
    """Return the metrics as JSON: only the name if the name defines the metric."""
    return [m.name if _named(m.name) == m else describe(m) for m in listed]


def from_json(listed: Any) -> tuple[Metric, ...]:
    """Return the metrics that `to_json` wrote, after checking them."""
    if not isinstance(listed, list) or not all(isinstance(item, str | dict) for item in listed):
        raise GlassnetError("its metrics are not a list of names.")
    return chosen([item if isinstance(item, str) else build("metric", item) for item in listed])


def _named(name: str) -> Metric | None:
    """Return the built-in metric with this name, or None."""
    return get(name) if name in names("metric") or _TOP.fullmatch(name) else None
