"""Checks of columns of pictures and clips: does something but their content tell a class?

A network would learn that one class was saved as JPEG, or recorded by another device.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from glassnet.core.arrays import Array
from glassnet.data.audio.files import facts_of
from glassnet.data.checks.agreement import AGREE, ROWS
from glassnet.data.checks.reports import doubt_column
from glassnet.data.images.pictures import forms_of
from glassnet.data.sources.tables import Table

if TYPE_CHECKING:
    import polars as pl

_LEAST = 5  # rows of a class; fewer may have a form of their own by chance
_FIXES = {
    "image": "Save all pictures in one form, from the same source; or the network learns the "
    "{noun} instead of what they show.",
    "audio": "Record all clips in one way, or convert them: cut them to one length, and scale "
    "them to one loudness; or the network learns the {noun} instead of what is heard.",
}
_OF = {"image": "picture", "audio": "clip"}
Texts = dict[str, Sequence[str]]
Numbers = dict[str, tuple[Array, str]]  # with their form in a message


def check_media(
    table: Table, paths: "pl.Series", kind: str, labels: Array, classes: Sequence[str], name: str
) -> None:
    """Doubt files of which something but the content tells a class of the target `name`.

    `labels` number the `classes`. Raises GlassnetError for files that can't be read.
    """
    present = np.flatnonzero(paths.is_not_null().to_numpy())
    labels, files = labels[present], paths.drop_nulls().to_list()
    if len(files) < ROWS:
        return
    texts, numbers = _pictures(files) if kind == "image" else _clips(files)
    for noun, values, label, row, other in _own(texts, numbers, labels):
        first, second = (table.row_name(int(present[at])) for at in (row, other))
        doubt_column(
            table,
            paths.name,
            f"the {noun} of a {_OF[kind]} alone tells {name!r} {classes[label]!r}: {values[row]} "
            f"in {first}, {values[other]} in {second}.",
            _FIXES[kind].format(noun=noun),
        )


def _pictures(files: Sequence[str]) -> tuple[Texts, Numbers]:
    forms = forms_of(files)
    texts: Texts = {
        "size": [f"{width}x{height}" for height, width, _ in forms.tolist()],
        "format": [os.path.splitext(path)[1].lower() for path in files],
        "number of colors": ["gray" if form[2] == 1 else "color" for form in forms.tolist()],
    }
    return texts, {}


def _clips(files: Sequence[str]) -> tuple[Texts, Numbers]:
    facts = facts_of(files)
    seconds = np.round([clip.seconds for clip in facts], 2)
    levels = 20 * np.log10(np.maximum([clip.level for clip in facts], 1e-6))
    texts: Texts = {
        "sample rate": [f"{clip.rate:,} Hz" for clip in facts],
        "number of channels": [str(clip.channels) for clip in facts],
        "format": [os.path.splitext(path)[1].lower() for path in files],
        "length": [f"{length:.2f} s" for length in seconds],
    }
    return texts, {"length": (seconds, ".2f} s"), "loudness": (levels, ".0f} dB")}


def _own(
    texts: Texts, numbers: Numbers, labels: Array
) -> Iterator[tuple[str, Sequence[str], int, int, int]]:
    """Yield what tells a class, all its values, the class, a row of it, and one of another."""
    for noun, values in texts.items():
        if own := _own_value(np.array(values), labels):
            yield noun, values, *own
    for noun, (amounts, form) in numbers.items():
        constant = noun in texts and _own_value(np.array(texts[noun]), labels)
        if not constant and (own := _own_side(amounts, labels)):
            yield noun, [f"{{:{form}".format(amount) for amount in amounts], *own


def _own_value(values: Array, labels: Array) -> tuple[int, int, int] | None:
    """Return the class that has a value of its own, and a row with and one without."""
    for label in _enough(labels):
        own = labels == label
        value, count = Counter(values[own].tolist()).most_common(1)[0]
        same = values == value
        if count >= AGREE * own.sum() and (same & ~own).sum() <= (1 - AGREE) * (~own).sum():
            return label, int((same & own).argmax()), int((~same & ~own).argmax())
    return None


def _own_side(values: Array, labels: Array) -> tuple[int, int, int] | None:
    """Return the class whose numbers are above, or below, nearly all others, as `_own_value`."""
    for label in _enough(labels):
        own = labels == label
        for sign in (1, -1):
            inside, outside = sign * values[own], sign * values[~own]
            if np.quantile(outside, AGREE) < np.quantile(inside, 1 - AGREE):
                return label, int(own.argmax()), int((~own).argmax())
    return None


def _enough(labels: Array) -> list[int]:
    """Return the classes with enough rows, in and outside of them."""
    counts = np.bincount(labels)
    enough = (counts >= _LEAST) & (len(labels) - counts >= _LEAST)
    classes: list[int] = np.flatnonzero(enough).tolist()
    return classes
