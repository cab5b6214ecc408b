"""Inputs: numbers that a network can learn from, and tokens that it knows."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.data.tokenizer import PADDING, UNKNOWN
from glassnet.doctor.findings import Finding, warning
from glassnet.doctor.subject import Part, Subject
from glassnet.layers import (
    BatchNormalization,
    Embedding,
    GroupNormalization,
    LayerNormalization,
    RMSNormalization,
)

_SCALES_ITSELF = (
    BatchNormalization | Embedding | GroupNormalization | LayerNormalization | RMSNormalization
)
_LARGE, _SMALL = 10.0, 1e-3  # root mean squares of inputs that initializers are not made for
_COLUMNS = 64  # as many and more are pictures laid flat, whose borders are often constant
_UNEVEN = 1000.0  # times as large as another column
_SCALE = "Scale them in the network: a first layer Normalization() or Rescaling(1 / {:g}), or "
_SCALING = "--scaling standardize."


def unscaled_inputs(subject: Subject) -> Iterator[Finding]:
    """Numbers far from 1 saturate or silence the first layer."""
    if subject.arriving is None:
        return
    name, layer, x = subject.arriving
    if isinstance(layer, _SCALES_ITSELF) or isinstance(x, tuple):
        return
    size, most = float(np.sqrt(np.square(x, dtype=np.float64).mean())), float(abs(x).max())
    if size > _LARGE or 0 < size < _SMALL:
        yield warning(
            f"gets numbers up to {most:.3g}, of a typical size of {size:.3g}: they are not scaled.",
            f"layer {name}",
            _SCALE.format(most) + _SCALING,
        )


def _table(subject: Subject) -> Any:
    """The training inputs, if they are a table of few columns."""
    x = subject.train.x
    narrow = not isinstance(x, tuple) and x.ndim == 2 and x.shape[-1] < _COLUMNS
    return x if narrow and not _is_tokens(subject) and len(x) > 1 else None


def _is_tokens(subject: Subject) -> bool:
    return subject.arriving is not None and isinstance(subject.arriving[1], Embedding)


def constant_columns(subject: Subject) -> Iterator[Finding]:
    """A column that is the same in every row says nothing."""
    x = _table(subject)
    if x is None:
        return
    same = np.flatnonzero(x.min(axis=0) == x.max(axis=0))
    if 0 < len(same) < x.shape[-1]:
        yield warning(
            f"is {x[0, same[0]]:.6g} in every row"
            + (f", and {len(same) - 1} more columns are constant." if len(same) > 1 else "."),
            f"{subject.train.name}: column {same[0]}",
            "Leave it out, or find out where its values were lost.",
        )


def uneven_columns(subject: Subject) -> Iterator[Finding]:
    """Where one column is thousands of times as large as another, only that one is seen."""
    x = _table(subject)
    if x is None or subject.arriving is None or isinstance(subject.arriving[1], _SCALES_ITSELF):
        return
    arriving = subject.arriving[2]
    if arriving.shape[1:] != x.shape[1:]:
        return
    spread = arriving.std(axis=0, dtype=np.float64)
    large, small = spread.argmax(), np.where(spread > 0, spread, np.inf).argmin()
    if spread[large] > _UNEVEN * spread[small] > 0:
        yield warning(
            f"varies {spread[large] / spread[small]:.0f} times as much as column {small}.",
            f"{subject.train.name}: column {large}",
            "Bring all columns to one scale: a first layer Normalization(), or " + _SCALING,
        )


def equal_rows(subject: Subject) -> Iterator[Finding]:
    """Examples that are all the same can't be told apart."""
    x = subject.train.x
    if not isinstance(x, tuple) and len(x) > 1 and (x[0] == x[-1]).all() and (x == x[0]).all():
        yield Finding(
            "error",
            f"all {len(x)} examples are the same.",
            subject.train.name,
            "Look how the inputs were made: there is nothing to tell apart.",
        )


def other_scale(subject: Subject) -> Iterator[Finding]:
    """Test or validation inputs of another size than those trained on."""
    ranges = [(part, _most(part)) for part in (subject.train, subject.held_out, subject.test)
              if part is not None and not isinstance(part.x, tuple)]  # fmt: skip
    if _is_tokens(subject):
        return
    for part, most in ranges[1:]:
        ratio = most / ranges[0][1] if ranges[0][1] else 1.0
        if len(part) >= 10 and not 0.02 < ratio < 50:
            yield warning(
                f"reaches {most:.3g}, but {subject.train.name} reaches {ranges[0][1]:.3g}.",
                part.name,
                "Scale both in the same way.",
            )


def _most(part: Part) -> float:
    return max(abs(float(part.x.max())), abs(float(part.x.min())))


def empty_texts(subject: Subject) -> Iterator[Finding]:
    """Texts of nothing but padding, or mostly of words that are not known."""
    if not _is_tokens(subject) or isinstance(subject.train.x, tuple):
        return
    x = subject.train.x
    empty = (x == PADDING).reshape(len(x), -1).all(axis=1)
    if empty.any():
        yield warning(
            f"row {subject.train.row(empty.argmax())} is nothing but padding"
            + (f", and {empty.sum() - 1} more are." if empty.sum() > 1 else "."),
            subject.train.name,
            "Take such texts out.",
        )
    unknown = (x == UNKNOWN).sum() / max((x != PADDING).sum(), 1)
    if subject.tokens == "word" and unknown > 0.5:
        yield warning(
            f"{unknown:.0%} of all words are not in the vocabulary.",
            subject.train.name,
            "Give a larger --vocabulary, or --tokenizer byte.",
        )
