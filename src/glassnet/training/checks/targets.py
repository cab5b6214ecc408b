"""Check that targets fit the loss and the outputs."""

from typing import Any

import numpy as np

from glassnet.core.arrays import Array, as_array, as_numbers, require_finite, warn_if_merged
from glassnet.core.errors import GlassnetError
from glassnet.data.class_names import require_labels, same_names_text
from glassnet.layers.base import Shape
from glassnet.losses import CTC, Loss


def checked_targets(
    y: Any, rows: int, outputs: Shape, loss: Loss, dtype: str, what: str = "y"
) -> Array:
    """Return the targets as the loss takes them, for outputs of shape (rows, *outputs)."""
    y = target_numbers(y, what)
    if len(y.shape) < 1 or len(y) != rows:
        raise GlassnetError(
            f"has {len(y) if y.ndim else 'no'} rows, but x has {rows}.",
            where=what,
            fix="Pass one target per example.",
        )
    numbers = y
    if y.dtype.kind == "f":
        numbers = require_finite(y, what, y.dtype.name if loss.labels else dtype)
    if isinstance(loss, CTC):
        return loss.checked_labels(numbers, outputs, what)
    if loss.labels:
        return _labels(numbers, outputs, what, getattr(loss, "ignore_class", None))
    numbers = _values(numbers, outputs, loss, dtype, what)
    warn_if_merged(y, numbers, what)
    return numbers


def target_numbers(y: Any, what: str) -> Array:
    """Return targets as an array; raises unless they are numbers, and says how to convert names."""
    if y is None:
        raise GlassnetError("is missing.", where=what, fix="Write fit(x, y).")
    y = as_array(y, what)
    return as_numbers(y, what, "" if y.dtype.kind in "biuf" else _fix_of_names(y, what))


def _fix_of_names(y: Array, what: str) -> str:
    """Return how to convert labels that are names; raises if some are missing."""
    names = ["" if value is None else str(value) for value in y.flat]
    require_labels(names, range(y.size), what)
    fix = "Convert names to numbers: names, y = numpy.unique(y, return_inverse=True)."
    return f"{fix} {same_names_text(names)}".strip()


def _labels(y: Array, outputs: Shape, what: str, ignored: int | None = None) -> Array:
    """Return class indices, with one axis fewer than the outputs; a last axis of 1 is removed."""
    classes = outputs[-1]
    if y.shape[1:] == (*outputs[:-1], 1):
        y = y[..., 0]
    if y.shape[1:] != outputs[:-1]:
        hint = (
            ' The targets look one-hot: use loss="categorical_crossentropy".'
            if y.shape[1:] == outputs
            else ""
        )
        raise GlassnetError(
            f"has shape {y.shape}, but labels for outputs of shape {outputs} are "
            f"{('N', *outputs[:-1])}.{hint}".replace("'", ""),
            where=what,
        )
    if y.dtype.kind == "f" and (y != np.round(y)).any():
        row = int(np.argwhere(y != np.round(y))[0][0])
        raise GlassnetError(
            f"row {row} has labels that are not integers.",
            where=what,
            fix='Number the classes 0, 1, 2, ...; for regression, use loss="mse".',
        )
    wrong = ((y < 0) | (y >= classes)) & (y != ignored if ignored is not None else True)
    if wrong.any():
        place = np.argwhere(wrong)[0]
        raise GlassnetError(
            f"row {place[0]} has label {y[tuple(place)]}, but the network has {classes} outputs, "
            f"for labels 0 to {classes - 1}.",
            where=what,
            fix="Fix the labels, or give the last layer one unit per class.",
        )
    return y.astype(np.int64)


def _values(y: Array, outputs: Shape, loss: Loss, dtype: str, what: str) -> Array:
    """Return numbers in the outputs' shape. Never broadcast: (N, 1) for (N, 10) is an error."""
    if outputs[-1:] == (1,) and y.shape[1:] == outputs[:-1]:
        y = y[..., None]
    if y.shape[1:] != outputs:
        labels = y.dtype.kind in "biu" and y.ndim == 1 and outputs[-1] > 1
        raise GlassnetError(
            f"has shape {y.shape}, but {type(loss).__name__} compares it with outputs of shape "
            f"{(len(y), *outputs)}.",
            where=what,
            fix=f"Make the labels one-hot: glassnet.to_categorical(y, {outputs[-1]})."
            if labels
            else "Give targets and outputs the same shape.",
        )
    least, most = loss.allowed
    outside = (y < least) | (y > most)
    if outside.any():
        row = int(np.argwhere(outside)[0][0])
        takes = "probabilities" if (least, most) == (0, 1) else f"numbers in {least}..{most}"
        raise GlassnetError(
            f"row {row} is outside {least}..{most}, but {type(loss).__name__} takes {takes}.",
            where=what,
            fix='Fix the row, or use a regression loss, such as "mse".',
        )
    return y.astype(dtype, copy=False)


def to_categorical(y: Any, num_classes: int | None = None, dtype: str = "float32") -> Array:
    """Return labels as one-hot rows: y (N,) -> (N, num_classes)."""
    y = as_numbers(y, "y")
    classes = int(y.max()) + 1 if num_classes is None else num_classes
    return np.eye(classes, dtype=dtype)[_labels(y, (classes,), "y")]
