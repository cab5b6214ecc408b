"""Checks for texts that hold their label: the name of the class, or words at one of their ends."""

import re
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from glassnet.core.doubts import doubt
from glassnet.data.sources.tables import Table

_SAMPLE = 5000  # texts that are looked at
_LEAST = 20  # texts of a class
_INSIDE, _OUTSIDE = 0.9, 0.02  # share of the texts of the class, and of the others, with its name
_END = 0.98  # share of the texts of the class with the same words at an end
_LETTERS = 3  # in the name of a class
_WORDS = 2  # at an end


def check_labels_in_texts(
    table: Table, name: str, texts: Sequence[str], labels: Sequence[str]
) -> None:
    """Doubt texts in which the name of their class is, or that all begin or end alike."""
    rows = np.unique(np.linspace(0, len(texts) - 1, min(len(texts), _SAMPLE)).astype(int))
    words = [re.findall(r"\w+", texts[row].casefold()) for row in rows]
    own = np.array([labels[row] for row in rows])
    for label in dict.fromkeys(own.tolist()):
        inside = own == label
        if not _LEAST <= inside.sum() < len(own):
            continue
        note = _named(words, inside, label) or _same_end(words, inside)
        if note:
            first = table.row_name(rows[int(inside.argmax())])
            doubt(
                f"{note} in nearly all texts of {label!r}, such as {first}, and in hardly any "
                "other: it alone tells the label.",
                f"{table.source}: column {name!r}",
                "If new texts don't have it, remove it from these.",
            )


def _named(words: Sequence[list[str]], inside: np.ndarray, label: str) -> str:
    """Return what is wrong if the name of the class is in its texts only; else the empty text."""
    parts = re.findall(r"\w+", label.casefold())
    if len("".join(parts)) < _LETTERS:
        return ""
    has = np.array([{*parts} <= {*some} for some in words])
    tells = has[inside].mean() >= _INSIDE and has[~inside].mean() <= _OUTSIDE
    return f"the name of the class, {label!r}, is" if tells else ""


def _same_end(words: Sequence[list[str]], inside: np.ndarray) -> str:
    """Return what is wrong if the texts of a class begin or end alike; else the empty text."""
    ends: dict[str, Callable[[list[str]], list[str]]] = {
        "at the beginning": lambda some: some[:_WORDS],
        "at the end": lambda some: some[-_WORDS:],
    }
    for place, end in ends.items():
        each = [" ".join(end(some)) for some in words]
        own = [text for text, at in zip(each, inside, strict=True) if at]
        common, count = Counter(own).most_common(1)[0]
        others = each.count(common) - count
        if common and count >= _END * len(own) and others <= _OUTSIDE * (len(each) - len(own)):
            return f"{common!r} is {place}"
    return ""
