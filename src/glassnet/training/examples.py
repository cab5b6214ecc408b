"""`Examples`: the inputs, targets and weights of a data set; validation split, class weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, length, map_arrays, spread, take
from glassnet.core.errors import GlassnetError
from glassnet.data.splits import stratified_split, tail_split
from glassnet.losses import Loss


@dataclass(frozen=True, eq=False)
class Examples:
    """Checked arrays with one row per example; with multiple inputs, x is a tuple.

    With multiple outputs, targets are a tuple with each output's `y`, including its weights.
    """

    x: Any
    targets: Any
    weights: Array | None = None

    def __len__(self) -> int:
        return length(self.x)

    @property
    def first(self) -> "Examples":
        """The examples that represent all, as those of data in batches: here, all."""
        return self

    @property
    def y(self) -> Any:
        """The targets, or (targets, weights), as engines take them."""
        return self.targets if self.weights is None else (self.targets, self.weights)

    @property
    def input_shape(self) -> Any:
        """The shape of one example's inputs; with multiple inputs, a tuple of shapes."""
        return map_arrays(lambda a: a.shape[1:], self.x)

    def rows(self, rows: Array) -> "Examples":
        """Return the examples in these rows."""
        weights = None if self.weights is None else self.weights[rows]
        return Examples(take(self.x, rows), take(self.targets, rows), weights)

    def weighted(self, weights: Array | None) -> "Examples":
        """Return the examples with their weights multiplied by these, if any."""
        if weights is None or self.weights is None:
            return Examples(self.x, self.targets, self.weights if weights is None else weights)
        both: Any = spread(self.weights, weights) * spread(weights, self.weights)
        return Examples(self.x, self.targets, both)


def split(
    examples: Examples, share: float, stratify: bool, seed: int, loss: Loss | None
) -> tuple[Examples, Examples]:
    """Return (training, validation) examples: the last rows, or the same share of each class.

    The loss defines which targets are classes; None for a network with multiple outputs.
    """
    if not stratify:
        rows, held_out = tail_split(len(examples), share)
    else:
        labels = None if loss is None else labels_of(examples.targets, loss)
        if labels is None or labels.ndim != 1 or _multi_label(examples.targets):
            raise GlassnetError(
                "takes the same share of each class, so it needs exactly one class per example.",
                where="stratify",
                fix="Split the data yourself, and pass validation_data.",
            )
        rows, held_out = stratified_split(labels, share, seed)
    return examples.rows(rows), examples.rows(held_out)


def labels_of(targets: Array, loss: Loss) -> Array | None:
    """Return the class index of each target; None if targets are numbers, not classes.

    A one-hot target gives the index of its largest value, a single yes/no value gives 1 or 0.
    """
    if loss.labels:
        return targets
    # Under a regression loss, targets may still be classes, as yes/no values or one-hot.
    if loss.allowed not in ((0, 1), (-1, 1)) and not np.isin(targets, (-1, 0, 1)).all():
        return None
    if targets.shape[-1] > 1:
        return targets.argmax(axis=-1)
    return (targets[..., 0] > 0.5).astype(np.int64)


def _multi_label(targets: Array) -> bool:
    """True if any example has more than one class."""
    return targets.ndim > 1 and bool(((targets > 0.5).sum(axis=-1) > 1).any())


def class_weights(
    weights: Mapping[int, float] | None, targets: Array, classes: int, loss: Loss, dtype: str
) -> Array | None:
    """Return the weight of each example's class; as in Keras, 1 for classes not in `weights`."""
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
    labels = labels_of(targets, loss) if loss.aligned else None
    if labels is None:
        whole = "numbers" if loss.aligned else "sequences of labels"
        raise GlassnetError(
            f"needs classes, but the targets are {whole}.",
            where="class_weight",
            fix="Use sample_weight instead.",
        )
    valid = (labels >= 0) & (labels < len(table))  # not those of an `ignore_class`
    return np.where(valid, table[np.where(valid, labels, 0)], 1).astype(dtype)
