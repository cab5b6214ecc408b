"""Metrics: numbers that people read, for each example; no gradient goes through them."""

from collections.abc import Callable

from glassnet.errors import unknown
from glassnet.trees import Array

Metric = Callable[[Array, Array], Array]


def sparse_accuracy(outputs: Array, labels: Array) -> Array:
    """1 where the largest output is at the label.   outputs (..., C), labels (...) -> (...)."""
    return outputs.argmax(axis=-1) == labels


def categorical_accuracy(outputs: Array, targets: Array) -> Array:
    """1 where outputs and one-hot targets have their largest entry at the same place."""
    return outputs.argmax(axis=-1) == targets.argmax(axis=-1)


def threshold_accuracy(threshold: float) -> Metric:
    """The share of an example's outputs on the right side of the threshold (targets 0 or 1)."""

    def binary_accuracy(outputs: Array, targets: Array) -> Array:
        return ((outputs > threshold) == (targets > 0.5)).mean(axis=-1)

    return binary_accuracy


def get(name: str, *, labels: bool, classes: int, logits: bool) -> Metric:
    """The metric of a name, given what the targets and the outputs are."""
    if name not in ("accuracy", "acc"):
        raise unknown("metric", name, ["accuracy"], where="metrics")
    if labels:
        return sparse_accuracy
    if classes > 1:
        return categorical_accuracy
    return threshold_accuracy(0.0 if logits else 0.5)
