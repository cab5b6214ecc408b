"""Do the targets suit the loss and the outputs? Asked once, before the first step."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, as_array, checked_weights, length, require_finite
from glassnet.core.errors import GlassnetError
from glassnet.layers.base import Shape, is_multi_input
from glassnet.losses import Loss
from glassnet.training.examples import Examples, class_weights
from glassnet.training.output_specs import OutputSpec, OutputSpecs, by_output


def checked_targets(
    y: Any, rows: int, outputs: Shape, loss: Loss, dtype: str, what: str = "y"
) -> Array:
    """The targets as the loss takes them, for outputs of shape (rows, *outputs)."""
    if y is None:
        raise GlassnetError("is missing.", where=what, fix="Say fit(x, y).")
    y = as_array(y, what)
    if y.dtype.kind not in "biuf":
        raise GlassnetError(
            f"has dtype {y.dtype}, not numbers.",
            where=what,
            fix="Turn names into numbers: names, y = numpy.unique(y, return_inverse=True).",
        )
    if len(y.shape) < 1 or len(y) != rows:
        raise GlassnetError(
            f"has {len(y) if y.ndim else 'no'} rows, x has {rows}.",
            where=what,
            fix="Give one target for each example.",
        )
    if y.dtype.kind == "f":
        y = require_finite(y, what, y.dtype.name if loss.labels else dtype)
    return _labels(y, outputs, what) if loss.labels else _values(y, outputs, loss, dtype, what)


def _labels(y: Array, outputs: Shape, what: str) -> Array:
    """Class indices, one axis fewer than the outputs; a last axis of 1 is taken off."""
    classes = outputs[-1]
    if y.shape[1:] == (*outputs[:-1], 1):
        y = y[..., 0]
    if y.shape[1:] != outputs[:-1]:
        hint = (
            ' Your targets look one-hot: use loss="categorical_crossentropy".'
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
            f"row {row} holds labels that are not whole numbers.",
            where=what,
            fix='Number the classes 0, 1, 2, ...; to foretell numbers, use loss="mse".',
        )
    wrong = (y < 0) | (y >= classes)
    if wrong.any():
        place = np.argwhere(wrong)[0]
        raise GlassnetError(
            f"row {place[0]} has label {y[tuple(place)]}, but the network has {classes} outputs, "
            f"for labels 0 to {classes - 1}.",
            where=what,
            fix="Mend the labels, or give the last layer as many units as there are classes.",
        )
    return y.astype(np.int64)


def _values(y: Array, outputs: Shape, loss: Loss, dtype: str, what: str) -> Array:
    """Numbers of the outputs' own shape. Never broadcast: (N, 1) against (N, 10) is a mistake."""
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
            fix='Mend the row, or take a loss of numbers, such as "mse".',
        )
    return y.astype(dtype, copy=False)


def to_categorical(y: Any, num_classes: int | None = None, dtype: str = "float32") -> Array:
    """One-hot rows for labels.   y (N,) -> (N, num_classes)."""
    y = np.asarray(y)
    classes = int(y.max()) + 1 if num_classes is None else num_classes
    return np.eye(classes, dtype=dtype)[_labels(y, (classes,), "y")]


def checked_examples(
    x: Any,
    y: Any,
    weights: Any,
    wanted: OutputSpec | OutputSpecs,
    outputs: tuple[Any, ...],
    dtype: str,
    prefix: str = "",
) -> Examples:
    """The inputs, checked already, with targets and weights as the losses take them."""
    rows, at_y, at_weights = length(x), f"{prefix}y", f"{prefix}sample_weight"
    if isinstance(wanted, OutputSpec):
        if is_multi_input(outputs):
            raise GlassnetError(
                f"puts out {len(outputs)} arrays, which only a graph's own outputs may be.",
                where="Model",
                fix="Draw all of it: Model(inputs=x, outputs=[a, b]).",
            )
        y = checked_targets(y, rows, outputs, wanted.loss, dtype, at_y)
        return Examples(x, y, checked_weights(weights, rows, outputs, dtype, at_weights))
    names, found = tuple(wanted), []
    if not isinstance(y, Mapping | list | tuple) and sum(map(bool, wanted.values())) > 1:
        raise GlassnetError(
            f"is one array for {len(names)} outputs: {', '.join(names)}.",
            where=at_y,
            fix="Give a list with one for each, or a dict by name.",
        )
    given = zip(by_output(y, names, at_y), by_output(weights, names, at_weights), strict=True)
    for (name, one), shape, (targets, weigh) in zip(wanted.items(), outputs, given, strict=True):
        if one is None:
            continue
        if targets is None:
            raise GlassnetError(f"has no targets for output {name!r}.", where=at_y)
        where = f"{at_weights}[{name!r}]"
        targets = checked_targets(targets, rows, shape, one.loss, dtype, f"{at_y}[{name!r}]")
        weigh = checked_weights(weigh, rows, shape, dtype, where)
        found.append(targets if weigh is None else (targets, weigh))
    return Examples(x, tuple(found))


def by_class(
    examples: Examples,
    weights: Mapping[int, float] | None,
    wanted: OutputSpec | OutputSpecs,
    outputs: tuple[Any, ...],
    dtype: str,
) -> Examples:
    """The examples, each counting by the weight of its class."""
    if weights is None:
        return examples
    if not isinstance(wanted, OutputSpec):
        raise GlassnetError(
            f"is for networks with one output, and this one has {len(wanted)}.",
            where="class_weight",
            fix="Weigh the examples: sample_weight={output: weights}.",
        )
    found = class_weights(weights, examples.targets, outputs[-1], wanted.loss, dtype)
    return examples.weighted(found)
