"""Examples to train on or evaluate on: inputs, targets, and how much each example counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, length, map_arrays, spread
from glassnet.core.errors import GlassnetError
from glassnet.data.splits import stratified_split, tail_split
from glassnet.losses import Loss


@dataclass(frozen=True, eq=False)
class Examples:
    """Checked arrays with a row for each example; x may be a tuple of them.

    With multiple outputs, targets are a tuple with each output's `y`, weights included.
    """

    x: Any
    targets: Any
    weights: Array | None = None

    def __len__(self) -> int:
        return length(self.x)

    @property
    def y(self) -> Any:
        """What engines take: the targets, or a pair of targets and weights."""
        return self.targets if self.weights is None else (self.targets, self.weights)

    @property
    def input_shape(self) -> Any:
        """The shape of one example's inputs; with multiple inputs, a tuple of shapes."""
        return map_arrays(lambda a: a.shape[1:], self.x)

    def rows(self, rows: Array) -> "Examples":
        """Some of the examples."""
        weights = None if self.weights is None else self.weights[rows]
        x, targets = map_arrays(lambda a: a[rows], (self.x, self.targets))
        return Examples(x, targets, weights)

    def weighted(self, weights: Array | None) -> "Examples":
        """The examples, each counting so many times as much."""
        if weights is None or self.weights is None:
            return Examples(self.x, self.targets, self.weights if weights is None else weights)
        both = np.asarray(spread(self.weights, weights) * spread(weights, self.weights))
        return Examples(self.x, self.targets, both)


def split(
    examples: Examples, share: float, stratify: bool, seed: int, loss: Loss | None
) -> tuple[Examples, Examples]:
    """Those to train on, those held out: the last ones, or the same share of each class.

    The loss, None of a network with several outputs, says which targets are classes.
    """
    if not stratify:
        rows, held_out = tail_split(len(examples), share)
    else:
        labels = None if loss is None else labels_of(examples.targets, loss)
        if labels is None or labels.ndim != 1 or _several(examples.targets):
            raise GlassnetError(
                "holds out the same share of each class, and needs one class for each example.",
                where="stratify",
                fix="Split by yourself, and give validation_data.",
            )
        rows, held_out = stratified_split(labels, share, seed)
    return examples.rows(rows), examples.rows(held_out)


def labels_of(targets: Array, loss: Loss) -> Array | None:
    """The class of each target, None where targets are numbers.

    That of a one-hot target is where it is largest, that of a single yes or no is 1 or 0.
    """
    if loss.labels:
        return targets
    # A loss of numbers may be one of classes, too: of what is yes, no or one-hot.
    if loss.allowed not in ((0, 1), (-1, 1)) and not np.isin(targets, (-1, 0, 1)).all():
        return None
    if targets.shape[-1] > 1:
        return np.asarray(targets.argmax(axis=-1))
    return np.asarray(targets[..., 0] > 0.5, np.int64)


def _several(targets: Array) -> bool:
    """Whether an example says yes to several classes at once."""
    return targets.ndim > 1 and bool(((targets > 0.5).sum(axis=-1) > 1).any())


def class_weights(
    weights: Mapping[int, float] | None, targets: Array, classes: int, loss: Loss, dtype: str
) -> Array | None:
    """The weight of each example's class; of a class that is not named 1, as in Keras."""
    if weights is None:
        return None
    if not isinstance(weights, Mapping):
        raise GlassnetError(
            f"must be a dict, got {type(weights).__name__}.",
            where="class_weight",
            fix="Write {label: weight}, as in {0: 1.0, 1: 5.0}.",
        )
    table = np.ones(max(classes, 2), dtype)
    for label, weight in weights.items():
        if not isinstance(label, int | np.integer) or not 0 <= label < len(table):
            raise GlassnetError(
                f"has the label {label!r}, but labels are 0 to {len(table) - 1}.",
                where="class_weight",
            )
        if not isinstance(weight, Real) or not 0 <= weight < np.inf:
            raise GlassnetError(
                f"the weight of {label} must be a number ≥ 0, got {weight!r:.80}.",
                where="class_weight",
            )
        table[label] = weight
    labels = labels_of(targets, loss)
    if labels is None:
        raise GlassnetError(
            "is for classes, but y holds numbers.",
            where="class_weight",
            fix="Weigh examples by sample_weight.",
        )
    factors: Array = table[labels]
    return factors
