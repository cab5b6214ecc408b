"""Accuracies: the share of correct predictions."""

from dataclasses import dataclass

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import alias, register
from glassnet.metrics.base import Metric
from glassnet.metrics.kind import OutputKind


def sparse_accuracy(outputs: Array, labels: Array) -> Array:
    """1 where the largest output is at the label.   outputs (..., C), labels (...) -> (...)."""
    return outputs.argmax(axis=-1) == labels


def categorical_accuracy(outputs: Array, targets: Array) -> Array:
    """1 where the largest output and the largest (one-hot) target have the same index."""
    return outputs.argmax(axis=-1) == targets.argmax(axis=-1)


@register("metric", "accuracy", "acc")
@dataclass(frozen=True)
class Accuracy(Metric):
    """The share of correct predictions; a single output is compared with its threshold."""

    name: str = "accuracy"

    def pair(self, targets: Array, outputs: Array) -> tuple[Array, Array]:
        """Called by hand, it is the share of equal numbers, as in Keras."""
        if targets.shape != outputs.shape or targets.shape[1:] not in ((), (1,)):
            raise GlassnetError(
                f"compares two lists of labels, got shapes {targets.shape} and {outputs.shape}.",
                where="metric 'accuracy'",
                fix="Use CategoricalAccuracy, SparseCategoricalAccuracy or BinaryAccuracy.",
            )
        equal = np.asarray(targets == outputs, np.float64)
        return super().pair(np.ones_like(equal), equal)

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


@register("metric", "top_k_categorical_accuracy")
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


@register("metric", "categorical_accuracy")
@dataclass(frozen=True)
class CategoricalAccuracy(Metric):
    """The share of examples whose largest output is that of the true class."""

    name: str = "categorical_accuracy"

    def measure(self, outputs: Array, targets: Array, *, kind: OutputKind) -> Array:
        return (sparse_accuracy if kind.labels else categorical_accuracy)(outputs, targets)


@register("metric", "sparse_categorical_accuracy")
@dataclass(frozen=True)
class SparseCategoricalAccuracy(CategoricalAccuracy):
    """`CategoricalAccuracy` by Keras's other name; the loss determines the kind of targets."""

    name: str = "sparse_categorical_accuracy"


@register("metric", "sparse_top_k_categorical_accuracy")
@dataclass(frozen=True)
class SparseTopKCategoricalAccuracy(TopKCategoricalAccuracy):
    """`TopKCategoricalAccuracy` by Keras's other name; the loss determines the kind of targets."""

    name: str = "sparse_top_k_categorical_accuracy"


alias("metric", "top_5_accuracy", TopKCategoricalAccuracy(5))
