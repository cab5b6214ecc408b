"""Metrics: numbers that people read; no gradient goes through them.

Most are means over examples, and run inside the compiled steps. Precision, recall, F1 and AUC are
not: they belong to a whole data set, and the mean of those of batches is another number. So they
are computed for validation data and in `evaluate`, by scikit-learn, and not while weights change.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import alias, build, describe, names, register, resolve
from glassnet.ops.activations import ACTIVATIONS
from glassnet.ops.losses import one_hot

Measure = Callable[..., Array]  # (outputs, targets) -> a number for each example
_TOP = re.compile(r"top_([1-9][0-9]{0,8})_accuracy")
DatasetMeasure = Callable[..., float]  # (outputs, targets, weights or None) -> a number


@dataclass(frozen=True)
class OutputKind:
    """What a network's outputs and targets are, as its loss takes them."""

    classes: int  # outputs on the last axis
    labels: bool = False  # targets are class indices, one axis fewer than the outputs
    exclusive: bool = False  # one class of several is right; else each output is a yes or no
    activation: str | None = None  # makes probabilities of the outputs; None where they are
    threshold: float = 0.5  # above it an output says yes

    def probabilities(self, outputs: Array) -> Array:
        """The outputs as `predict` gives them, or as they would be after the loss's activation."""
        return ACTIVATIONS[self.activation or "linear"](outputs)[0]

    def values(self, outputs: Array, targets: Array) -> Array:
        """The targets in the shape of the outputs."""
        return one_hot(targets, outputs) if self.labels else targets

    def decided(self, outputs: Array, targets: Array) -> tuple[Array, Array]:
        """(true, predicted): class indices (M,), or ones and zeros (M, classes)."""
        rows = outputs.reshape(-1, self.classes)
        if self.exclusive:
            true = targets if self.labels else targets.argmax(axis=-1)
            return true.reshape(-1), rows.argmax(axis=-1)
        return targets.reshape(rows.shape) > 0.5, rows > self.threshold


def sparse_accuracy(outputs: Array, labels: Array) -> Array:
    """1 where the largest output is at the label.   outputs (..., C), labels (...) -> (...)."""
    return outputs.argmax(axis=-1) == labels


def categorical_accuracy(outputs: Array, targets: Array) -> Array:
    """1 where outputs and one-hot targets have their largest entry at the same place."""
    return outputs.argmax(axis=-1) == targets.argmax(axis=-1)


class Metric:
    """A number for each example; the field `name` is what histories call their mean."""

    per_dataset: ClassVar[bool] = False  # of a whole data set, not a mean over examples

    name: str

    def checked(self, kind: OutputKind) -> None:
        """Raise if the metric says nothing about such outputs."""

    def measure(self, outputs: Array, targets: Array, *, kind: OutputKind) -> Array:
        """The numbers, one for each example (each step, where targets have steps)."""
        raise NotImplementedError


@register("metric", "accuracy", "acc", "categorical_accuracy", "sparse_categorical_accuracy")
@dataclass(frozen=True)
class Accuracy(Metric):
    """The share of right answers; with one output, on the right side of its threshold."""

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
    """The share of outputs on the right side of the threshold, each a yes-or-no of its own."""

    name: str = "binary_accuracy"
    threshold: float = 0.5

    def measure(self, outputs: Array, targets: Array, *, kind: OutputKind) -> Array:
        yes = kind.probabilities(outputs) > self.threshold
        return (yes == (kind.values(outputs, targets) > 0.5)).mean(axis=-1)


@register("metric", "top_k_categorical_accuracy", "sparse_top_k_categorical_accuracy")
@dataclass(frozen=True)
class TopKCategoricalAccuracy(Metric):
    """The share of examples whose right class is among the k largest outputs.

    The name "top_3_accuracy" means k = 3, and so on. Equal outputs count in favour, as in Keras.
    """

    k: int = 5
    name: str = "top_k_categorical_accuracy"

    def __post_init__(self) -> None:
        if self.k < 1:
            raise GlassnetError(f"k must be ≥ 1, got {self.k}.", where=self.name)

    def checked(self, kind: OutputKind) -> None:
        if self.k >= kind.classes:
            raise GlassnetError(
                f"of {kind.classes} outputs, the right one is always among the {self.k} largest.",
                where=f"metric {self.name!r}",
                fix="Choose a smaller k, or accuracy.",
            )

    def measure(self, outputs: Array, targets: Array, *, kind: OutputKind) -> Array:
        labels = targets if kind.labels else targets.argmax(axis=-1)
        xp = namespace(outputs)
        right = xp.take_along_axis(outputs, xp.asarray(labels)[..., None], axis=-1)
        among = (outputs > right).sum(axis=-1) < self.k
        return among & xp.isfinite(right[..., 0])  # NaN is no answer, as in Keras


@register("metric", "mean_squared_error", "mse")
@dataclass(frozen=True)
class MeanSquaredError(Metric):
    """The mean over the outputs of (y − t)², under a cross-entropy with y the probabilities."""

    name: str = "mean_squared_error"

    def measure(self, outputs: Array, targets: Array, *, kind: OutputKind) -> Array:
        difference = kind.probabilities(outputs) - kind.values(outputs, targets)
        return (difference * difference).mean(axis=-1)


@register("metric", "mean_absolute_error", "mae")
@dataclass(frozen=True)
class MeanAbsoluteError(Metric):
    """The mean over the outputs of |y − t|, under a cross-entropy with y the probabilities."""

    name: str = "mean_absolute_error"

    def measure(self, outputs: Array, targets: Array, *, kind: OutputKind) -> Array:
        difference = kind.probabilities(outputs) - kind.values(outputs, targets)
        return abs(difference).mean(axis=-1)


class DatasetMetric(Metric):
    """A number of a whole data set.

    With one output, of its yes. With several, the macro average: the mean over the classes, each
    of which counts the same however many examples it has.
    """

    per_dataset: ClassVar[bool] = True

    def over(
        self, outputs: Array, targets: Array, weights: Array | None = None, *, kind: OutputKind
    ) -> float:
        """The number of all these examples."""
        import sklearn.metrics as judges  # takes a second to import: only who asks for it waits

        true, predicted = kind.decided(outputs, targets)
        # A class that the data lack counts too, as in Keras.
        how: dict[str, Any] = {"average": "macro", "labels": range(kind.classes)}
        if kind.classes == 1:
            true, predicted, how = true[:, 0], predicted[:, 0], {"average": "binary"}
        score = getattr(judges, f"{self._score}_score")
        weights = self._rows(weights, targets if kind.labels else targets[..., 0])
        return float(score(true, predicted, **how, sample_weight=weights, zero_division=0))

    _score: ClassVar[str]

    def _rows(self, weights: Array | None, steps: Array) -> Array | None:
        """A weight for each row of the flattened outputs, from those of examples or steps."""
        if weights is None:
            return None
        if not (weights > 0).any():
            raise GlassnetError("all weights are 0.", where=f"metric {self.name!r}")
        axes = (1,) * (steps.ndim - weights.ndim)
        return np.broadcast_to(weights.reshape(weights.shape + axes), steps.shape).reshape(-1)


@register("metric", "precision")
@dataclass(frozen=True)
class Precision(DatasetMetric):
    """Of what is said to be in a class, the share that is."""

    name: str = "precision"
    _score: ClassVar[str] = "precision"


@register("metric", "recall")
@dataclass(frozen=True)
class Recall(DatasetMetric):
    """Of what is in a class, the share that is said to be."""

    name: str = "recall"
    _score: ClassVar[str] = "recall"


@register("metric", "f1_score", "f1")
@dataclass(frozen=True)
class F1Score(DatasetMetric):
    """The harmonic mean of precision and recall; of several classes, the mean of theirs."""

    name: str = "f1_score"
    _score: ClassVar[str] = "f1"


@register("metric", "auc")
@dataclass(frozen=True)
class AUC(DatasetMetric):
    """The area under the ROC curve: how often a yes gets a higher probability than a no.

    Exact, where Keras sums over 200 thresholds. Of several classes, the mean of each one's area
    against the rest, without classes that all or none of the examples are in.
    """

    name: str = "auc"

    def over(
        self, outputs: Array, targets: Array, weights: Array | None = None, *, kind: OutputKind
    ) -> float:
        from sklearn.metrics import roc_auc_score

        weights = self._rows(weights, targets if kind.labels else targets[..., 0])
        scores = kind.probabilities(outputs).reshape(-1, kind.classes)
        yes = kind.values(outputs, targets).reshape(scores.shape) > 0.5
        if weights is not None:  # what weighs nothing makes no class
            counted = weights > 0
            scores, yes, weights = scores[counted], yes[counted], weights[counted]
        if not np.isfinite(scores).all():
            return float("nan")
        areas = [
            roc_auc_score(yes[:, c], scores[:, c], sample_weight=weights)
            for c in range(kind.classes)
            if 0 < yes[:, c].sum() < len(yes)
        ]
        if not areas:
            raise GlassnetError(
                "all examples are of one class, so there is nothing to tell apart.",
                where=f"metric {self.name!r}",
                fix="Give data with both, perhaps by stratify=True.",
            )
        return float(np.mean(areas))


alias("metric", "top_5_accuracy", TopKCategoricalAccuracy(5))


def get(value: "str | Metric") -> Metric:
    """The metric that a name or a metric means; a name is what histories will call it."""
    if isinstance(value, str):
        top = _TOP.fullmatch(value)
        found = (
            TopKCategoricalAccuracy(int(top[1]))
            if top
            else resolve("metric", value, where="metrics")
        )
        return replace(found, name=value)
    metric: Metric = resolve("metric", value, where="metrics")
    return metric


def chosen(given: Any, others: Iterable[Metric] = ()) -> tuple[Metric, ...]:
    """The metrics that a person listed; one that is among `others` too is called weighted_...."""
    listed = [given] if isinstance(given, str | Metric) else list(given or ())
    taken, found = ["loss", *(metric.name for metric in others)], []
    for item in listed:
        metric: Any = get(item)
        if metric in others:
            metric = replace(metric, name=f"weighted_{metric.name}")
        if metric.name in taken:
            raise GlassnetError(
                f"two numbers would be called {metric.name!r}.",
                where="metrics",
                fix=f'Name one of them: {type(metric).__name__}(name="...").',
            )
        taken.append(metric.name)
        found.append(metric)
    return tuple(found)


def to_json(listed: Iterable[Metric]) -> list[Any]:
    """The metrics as JSON: a name where that says all."""
    return [m.name if _named(m.name) == m else describe(m) for m in listed]


def from_json(listed: Any) -> tuple[Metric, ...]:
    """The metrics that `to_json` wrote, after checking them."""
    if not isinstance(listed, list) or not all(isinstance(item, str | dict) for item in listed):
        raise GlassnetError("its metrics are not a list of names.")
    return chosen([item if isinstance(item, str) else build("metric", item) for item in listed])


def _named(name: str) -> Metric | None:
    """The metric of a name, None where a person made the name up."""
    return get(name) if name in names("metric") or _TOP.fullmatch(name) else None
