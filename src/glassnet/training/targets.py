"""Do data, network and loss fit together? Asked once, before the first step."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet import augmentation
from glassnet.arrays import require_finite
from glassnet.augmentation import Augmentation
from glassnet.errors import GlassnetError
from glassnet.habits import require_arrays
from glassnet.layers import (
    Average,
    AveragePooling1D,
    AveragePooling2D,
    Cropping1D,
    Cropping2D,
    Flatten,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    Graph,
    Layer,
    Permute,
    RepeatVector,
    Reshape,
    Sequential,
    TimeDistributed,
    UpSampling2D,
)
from glassnet.layers.base import is_several
from glassnet.losses import Crossentropy, Loss
from glassnet.training.numbers import looked_up
from glassnet.training.step import last_activation
from glassnet.trees import Array

Shape = tuple[int, ...]
# Numbers stay what they are, or become means of such: probabilities remain some.
_KEEPING = (
    Reshape | Permute | Flatten | Cropping1D | Cropping2D | UpSampling2D
    | AveragePooling1D | AveragePooling2D | GlobalAveragePooling1D | GlobalAveragePooling2D
    | Average | RepeatVector
)  # fmt: skip


def made_by(network: Layer, output: int = 0) -> str | None:
    """The activation that made the outputs, whatever has moved or averaged them since."""
    found = {last_activation(layer) for layer in _makers(network, output)}
    return found.pop() if len(found) == 1 else None


def _makers(layer: Layer, output: int = 0) -> Iterator[Layer]:
    """The layers that make the outputs: after them, numbers are only moved or averaged."""
    if isinstance(layer, TimeDistributed):
        yield from _makers(layer.layer)
    elif isinstance(layer, Sequential):
        made = next((one for one in reversed(layer.layers) if not isinstance(one, _KEEPING)), None)
        if made is not None:
            yield from _makers(made)
    elif isinstance(layer, Graph):
        waiting = [layer.outputs[output] - layer.inputs]
        while waiting:
            if (call := waiting.pop()) < 0:  # an input
                yield layer
                continue
            number, sources = layer.wiring[call]
            if isinstance(inner := layer.layers[number], _KEEPING):
                waiting.extend(source - layer.inputs for source in sources)
            else:
                yield from _makers(inner)
    else:
        yield layer


def checked_loss(network: Layer, loss: Loss, output: int = 0) -> None:
    """Raise if the loss expects probabilities and the output is none, or the other way round.

    Keras trains on either mistake without a word.
    """
    last, name = made_by(network, output), type(loss).__name__
    if loss.ends_in and last not in loss.ends_in:
        raise GlassnetError(
            f"takes what {' or '.join(loss.ends_in)} gives, but the last layer ends in "
            f"{last or 'linear'}.",
            where=name,
            fix=f'End in activation="{loss.ends_in[0]}".',
        )
    for layer in _makers(network):
        units = getattr(layer, "units", getattr(layer, "filters", None))
        if units == 1 and last_activation(layer) == "softmax":
            raise GlassnetError(
                "of one number, softmax makes 1 whatever it is.",
                where="the last layer",
                fix="Take sigmoid and binary_crossentropy, or a unit for each class.",
            )
    if not isinstance(loss, Crossentropy):
        return
    if loss.from_logits and last in ("softmax", "sigmoid"):
        raise GlassnetError(
            f"expects logits (from_logits=True), but the last layer ends in {last}.",
            where=name,
            fix=f"Take the {last} out, or leave from_logits=False.",
        )
    if not loss.from_logits and last not in ("softmax", "sigmoid"):
        raise GlassnetError(
            f"expects probabilities, but the last layer ends in {last or 'linear'}.",
            where=name,
            fix=f'End in activation="{loss.joins}", or say {name}(from_logits=True).',
        )


def checked_inputs(x: Any, shape: Any, dtype: str, what: str = "x", inputs: int = 1) -> Any:
    """The inputs as numbers, (N, *shape), all finite. Bytes stay bytes, to be cast by batch.

    A shape of None is not known yet. Of several inputs, shape and answer are tuples.
    """
    require_arrays(x, what)
    if inputs > 1 or is_several(shape):
        return _checked_several(x, shape or (None,) * inputs, dtype, what)
    x = as_array(x, what)
    if x.dtype.kind not in "biuf":
        raise GlassnetError(f"has dtype {x.dtype}, not numbers.", where=what)
    if x.ndim < 1 or (shape is not None and x.shape[1:] != shape):
        raise GlassnetError(
            f"has shape {x.shape}, but the network takes {('N', *(shape or ()))}.".replace("'", ""),
            where=what,
            fix="For a single example, give it a first axis of 1: x[None].",
        )
    if x.dtype.kind == "f":
        return require_finite(x, what, dtype)
    return (
        x if x.dtype.itemsize <= 2 else x.astype(dtype)
    )  # JAX would cut off what int32 can't hold


def _checked_several(x: Any, shapes: Any, dtype: str, what: str) -> tuple[Array, ...]:
    if not isinstance(x, list | tuple) or len(x) != len(shapes):
        count = len(x) if isinstance(x, list | tuple) else 1
        names = ", ".join(f"{what}{i}" for i in range(1, len(shapes) + 1))
        raise GlassnetError(
            f"is {count} array{'s' * (count != 1)}, but the network takes {len(shapes)} inputs.",
            where=what,
            fix=f"Give a list with an array for each: [{names}].",
        )
    pairs = enumerate(zip(x, shapes, strict=True))
    arrays = tuple(checked_inputs(one, shape, dtype, f"{what}[{i}]") for i, (one, shape) in pairs)
    for i, one in enumerate(arrays):
        if len(one) != len(arrays[0]):
            raise GlassnetError(
                f"has {len(one)} rows, {what}[0] has {len(arrays[0])}.", where=f"{what}[{i}]"
            )
    return arrays


def as_array(values: Any, what: str) -> Array:
    """Lists as an array; raises where their rows have different lengths."""
    try:
        found: Array = np.asarray(values)
    except ValueError as error:
        raise GlassnetError(
            "has rows of different shapes.", where=what, fix="Pad or cut them to one."
        ) from error
    return found


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


def checked_augmentation(
    value: Any, network: Layer, shape: Shape | None, loss: Loss | None, weighted: bool
) -> Augmentation | None:
    """The augmentation that is meant, after a look whether it suits inputs, loss and weights.

    Of several outputs, the loss is None.
    """
    found = augmentation.get(value)
    if found is None:
        return None
    if any(looked_up(network)):
        raise GlassnetError(
            "changes inputs, and an Embedding would look up other rows.",
            where="augment",
            fix="Leave it out; Dropout after the Embedding disturbs training too.",
        )
    found.check(shape or ())
    if found.mixes_targets:
        if loss is None:
            raise GlassnetError(
                "mixes the targets of one output, and there are several.",
                where="augment",
                fix="Leave out mixup and cutmix.",
            )
        if weighted:
            raise GlassnetError(
                "mixes examples, and weighted ones can't be mixed.",
                where="augment",
                fix="Leave out the weights, or mixup and cutmix.",
            )
        if not isinstance(loss, Crossentropy) and loss.labels:
            raise GlassnetError(f"mixes targets, which {type(loss).__name__} can't take.")
    return found
