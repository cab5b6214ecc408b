"""Intersection over union: how well predicted and true regions of a class coincide."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from glassnet.core.arrays import require_classes, whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array
from glassnet.core.registry import register
from glassnet.metrics.base import DatasetMetric
from glassnet.metrics.kind import OutputKind


class _IoU(DatasetMetric):
    """The mean over classes of TP / (TP + FP + FN), without classes that don't occur.

    Weights are summed as they are; Keras rounds them down to whole numbers.
    """

    def classes_of(self, kind: OutputKind) -> tuple[int, ...]:
        """Return the classes that the mean is over."""
        raise NotImplementedError

    def decided(self, outputs: Array, targets: Array, kind: OutputKind) -> tuple[Any, Any]:
        """Return (true, predicted) class indices."""
        scores = np.asarray(outputs).reshape(-1, kind.classes)
        true = np.asarray(targets if kind.labels else targets.argmax(axis=-1))
        return true.reshape(-1), scores.argmax(axis=-1)

    def over(
        self, outputs: Array, targets: Array, weights: Array | None = None, *, kind: OutputKind
    ) -> float:
        true, predicted = self.decided(outputs, targets, kind)
        weight: Any = self.rows(weights, targets, kind)
        weight = (
            np.ones(len(true)) if weight is None else np.repeat(weight, len(true) // len(weight))
        )
        ratios = []
        for label in self.classes_of(kind):
            both, either = (
                (true == label) & (predicted == label),
                (true == label) | (predicted == label),
            )
            if (weight * either).sum() > 0:
                ratios.append((weight * both).sum() / (weight * either).sum())
        return float(np.mean(ratios)) if ratios else 0.0


@register("metric")
@dataclass(frozen=True)
class MeanIoU(_IoU):
    """The mean over all classes; the predicted class is that of the largest output.

    Called by hand, it also takes predicted classes in place of outputs.
    """

    one_hot: ClassVar[bool] = False  # called by hand, equal shapes are classes

    num_classes: int
    name: str = "mean_io_u"

    def __post_init__(self) -> None:
        whole_number(self.num_classes, f"{type(self).__name__}: num_classes", 2)

    def checked(self, kind: OutputKind) -> None:
        if kind.classes != self.num_classes:
            raise GlassnetError(
                f"has num_classes {self.num_classes}, but there are {kind.classes} outputs.",
                where=f"metric {self.name!r}",
            )

    def classes_of(self, kind: OutputKind) -> tuple[int, ...]:
        return tuple(range(self.num_classes))

    def pair(self, targets: Array, outputs: Array) -> tuple[Array, Array]:
        if self.one_hot or targets.shape != outputs.shape:
            return super().pair(targets, outputs)
        classes = np.eye(self.num_classes)
        for labels, side in ((targets, "y_true"), (outputs, "y_pred")):
            require_classes(labels, self.num_classes, f"metric {self.name!r}: {side}")
        return classes[np.asarray(targets, int)], classes[np.asarray(outputs, int)]


@register("metric")
@dataclass(frozen=True)
class OneHotMeanIoU(MeanIoU):
    """`MeanIoU` that, called by hand, takes one-hot targets and outputs."""

    one_hot: ClassVar[bool] = True
    name: str = "one_hot_mean_io_u"


@register("metric")
@dataclass(frozen=True)
class IoU(MeanIoU):
    """The mean over the classes `target_class_ids`."""

    target_class_ids: tuple[int, ...] = ()
    name: str = field(default="io_u", kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        where = f"{type(self).__name__}: target_class_ids"
        require_classes(self.target_class_ids, self.num_classes, where)

    def classes_of(self, kind: OutputKind) -> tuple[int, ...]:
        return tuple(self.target_class_ids) or super().classes_of(kind)


@register("metric")
@dataclass(frozen=True)
class OneHotIoU(IoU):
    """`IoU` that, called by hand, takes one-hot targets and outputs."""

    one_hot: ClassVar[bool] = True
    name: str = field(default="one_hot_io_u", kw_only=True)


@register("metric", "binary_io_u")
@dataclass(frozen=True)
class BinaryIoU(_IoU):
    """The mean over the classes 0 and 1 of outputs on each side of `threshold`."""

    target_class_ids: tuple[int, ...] = (0, 1)
    threshold: float = 0.5
    name: str = "binary_io_u"

    def classes_of(self, kind: OutputKind) -> tuple[int, ...]:
        return tuple(self.target_class_ids)

    def decided(self, outputs: Array, targets: Array, kind: OutputKind) -> tuple[Any, Any]:
        predicted = np.asarray(kind.probabilities(outputs)) >= self.threshold
        true = np.asarray(kind.values(outputs, targets)) > 0.5
        return true.reshape(-1).astype(int), predicted.reshape(-1).astype(int)
