"""Checks of the inputs: their scale, constant columns, and tokens in the vocabulary."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.core.plurals import are, counted
from glassnet.data.text.tokenizer import PADDING, UNKNOWN
from glassnet.doctor.findings import Finding, warning
from glassnet.doctor.subject import Part, Subject
from glassnet.doctor.tables import and_more, is_tokens, raw_table
from glassnet.layers import BatchNormalization, Permute, Reshape, TimeDistributed

_LARGE, _SMALL = 10.0, 1e-3  # root mean squares of inputs that initializers are not designed for
_WIDE = 64  # columns: so many and more may be flattened images with constant borders
_BOUNDED = 16  # columns: so many and more may be pixels or yes/no values
_NEAR = 0.05  # share of the range that is near its ends
_UNEVEN = 1000.0  # times as large as another column
_APART, _AWAY = 4.0, 5.0  # times the training inputs' spread; training spreads from their mean
_LEAST, _SAMPLE = 10, 1000  # least and most rows from which the scale of a split is estimated
_SIDE = 8  # pixels of the smallest picture
_SCALE = "Scale them in the network: a first layer Normalization() or Rescaling(1 / {:g}), or "
_ONE_SCALE = "Bring all columns to the same scale: a first layer Normalization(), or "
_SCALING = "--scaling standardize."
# What the model in --from decides can't be advised for a network that was made from one.
_SCALE_DATA = "Scale the data as those that the network was trained on, or train without --from."
_OTHER_SOURCE = "Start from a model of such texts, or train without --from."


def unscaled_inputs(subject: Subject) -> Iterator[Finding]:
    """Warn about inputs that are not scaled, which saturate or silence the first layer.

    A trained network may have learned any scale; its batch normalization tells which.
    """
    normalized = any(isinstance(layer, BatchNormalization) for _, layer in subject.layers)
    if subject.first_trainable is None or (subject.fine_tuned and normalized):
        return
    name, layer, x = subject.first_trainable
    if layer.any_scale or isinstance(x, tuple):
        return
    size, most = float(np.sqrt(np.square(x, dtype=np.float64).mean())), float(abs(x).max())
    if size > _LARGE or 0 < size < _SMALL:
        yield warning(
            f"gets inputs up to {most:.3g} with a root mean square of {size:.3g}: not scaled.",
            f"layer {name}",
            _SCALE_DATA if subject.origin else _SCALE.format(most) + _SCALING,
        )


def constant_columns(subject: Subject) -> Iterator[Finding]:
    """Warn about constant columns.

    Columns with common bounds (pixels, yes/no values) are excepted: backgrounds are constant, and
    some values never occur.
    """
    x, held_out = raw_table(subject), subject.held_out
    if x is None:
        return
    least, most = x.min(axis=0), x.max(axis=0)
    constant, varying = least == most, least < most
    if varying.any() and len(constant) >= _BOUNDED:
        low, high = least[varying].min(), most[varying].max()
        margin = _NEAR * (float(high) - float(low))
        at_bounds = least[varying] <= low + margin, most[varying] >= high - margin
        if max(mask.mean() for mask in at_bounds) >= 0.5:
            constant &= (least < low) | (least > high)
    if held_out is not None:
        constant &= (held_out.x == least).all(axis=0)
    if varying.any() and constant.any():
        columns = np.flatnonzero(constant)
        yield warning(
            f"is {least[columns[0]]:.6g} in every training row{and_more(columns)}.",
            f"{subject.train.name}: column {columns[0]}",
            "Drop it, or find out where its values were lost.",
        )


def uneven_columns(subject: Subject) -> Iterator[Finding]:
    """Warn about a column that varies so much more than others that it dominates them."""
    x = raw_table(subject)
    if x is None or subject.first_trainable is None or subject.first_trainable[1].any_scale:
        return
    inputs = subject.first_trainable[2]
    if inputs.shape[1:] != x.shape[1:]:
        return
    spread = inputs.std(axis=0, dtype=np.float64)
    order = np.argsort(spread)
    order = order[spread[order] > 0]
    if not len(order):
        return
    # Border pixels of flattened images hardly vary.
    small = order[0] if len(spread) < _WIDE else order[len(order) // 2]
    large = order[spread[order] > _UNEVEN * spread[small]][::-1]
    if len(large):
        yield warning(
            f"has {spread[large[0]] / spread[small]:.0f} times the standard deviation of column "
            f"{small}{and_more(large)}.",
            f"{subject.train.name}: column {large[0]}",
            _SCALE_DATA if subject.origin else _ONE_SCALE + _SCALING,
        )


def equal_rows(subject: Subject) -> Iterator[Finding]:
    """Report examples that are all equal."""
    x = subject.train.x
    if not isinstance(x, tuple) and len(x) > 1 and (x[0] == x[-1]).all() and (x == x[0]).all():
        what, fix = "", "Check how the inputs were created: there is nothing to learn."
        if subject.origin and subject.tokens == "word" and not (x[0] > UNKNOWN).any():
            what, fix = ": the network knows none of their words", _OTHER_SOURCE
        yield Finding("error", f"all {len(x)} examples are equal{what}.", subject.train.name, fix)


def other_scale(subject: Subject) -> Iterator[Finding]:
    """Warn about test or validation inputs on another scale than the training inputs."""
    if is_tokens(subject) or isinstance(subject.train.x, tuple):
        return
    mean, spread = _scale(subject.train)
    for part in (subject.held_out, subject.test):
        if part is None or len(part) < _LEAST or not spread.any():
            continue
        part_mean, part_spread = _scale(part)
        both = (spread > 0) & (part_spread > 0)
        ratio = float(np.median(part_spread[both] / spread[both])) if both.any() else 0.0
        varying = spread > 0
        shift = float(np.median(abs(part_mean - mean)[varying] / spread[varying]))
        if not 1 / _APART < ratio < _APART:
            what = f"has {ratio:.3g} times the standard deviation of {subject.train.name}"
        elif shift > _AWAY:
            what = f"is {shift:.3g} standard deviations away from {subject.train.name}"
        else:
            continue
        yield warning(
            f"{what}: it is on another scale.",
            part.name,
            "Scale both in the same way, or in the network: a first layer Rescaling or "
            "Normalization.",
        )


def _scale(part: Part) -> tuple[Any, Any]:
    """Return mean and standard deviation of each input value."""
    rows = part.x[part.sample(_SAMPLE)].reshape(min(_SAMPLE, len(part)), -1)
    return rows.mean(axis=0, dtype=np.float64), rows.std(axis=0, dtype=np.float64)


def channels_first(subject: Subject) -> Iterator[Finding]:
    """Warn about pictures with the axes (channels, height, width), as PyTorch has them."""
    x = subject.train.x
    if isinstance(x, tuple) or x.ndim != 4:
        return
    channels, height, width = x.shape[1:]
    square = height == width if channels == 1 else height <= 2 * width and width <= 2 * height
    picture = channels in (1, 3, 4) and min(height, width) >= _SIDE and square
    moved = any(isinstance(part, Permute | Reshape | TimeDistributed) for _, part in subject.layers)
    if picture and not moved:
        yield warning(
            f"has examples of the shape {x.shape[1:]}, which are read as {channels} "
            f"row{'s' * (channels > 1)} of {height} pixels with {width} channels.",
            subject.train.name,
            "If they are pictures with the channels first: x = x.transpose(0, 2, 3, 1).",
        )


def blank_pictures(subject: Subject) -> Iterator[Finding]:
    """Warn about pictures whose pixels are all equal."""
    part = subject.train
    if isinstance(part.x, tuple) or part.x.ndim < 3 or is_tokens(subject):
        return
    blocks = (part.x[start : start + _SAMPLE] for start in range(0, len(part), _SAMPLE))
    flat = (block.reshape(len(block), -1) for block in blocks)
    blank = np.flatnonzero(np.concatenate([(rows == rows[:, :1]).all(axis=1) for rows in flat]))
    if len(blank):
        yield warning(
            f"{counted(len(blank), 'picture')} of {len(part):,} {are(len(blank))} equally bright "
            f"all over; the first is {part.row(blank[0])}.",
            part.name,
            "Look at the files: remove them, if they show nothing.",
        )


def empty_texts(subject: Subject) -> Iterator[Finding]:
    """Warn about texts of only padding, and about texts of mostly unknown words."""
    if not is_tokens(subject) or isinstance(subject.train.x, tuple):
        return
    x = subject.train.x
    empty = (x == PADDING).reshape(len(x), -1).all(axis=1)
    if empty.any():
        yield warning(
            f"{subject.train.row(empty.argmax())} is only padding"
            + (f"; likewise {counted(empty.sum() - 1, 'more row')}." if empty.sum() > 1 else "."),
            subject.train.name,
            "Drop such texts.",
        )
    for part in (subject.train, subject.held_out, subject.test):
        if subject.tokens != "word" or part is None:
            continue
        unknown = (part.x == UNKNOWN).sum() / max((part.x != PADDING).sum(), 1)
        if unknown > 0.5:
            yield warning(
                f"{unknown:.0%} of all words are not in the vocabulary.",
                part.name,
                _OTHER_SOURCE
                if subject.origin
                else "Use a larger --vocabulary, or --tokenizer byte.",
            )
