"""Labeled texts in a table: a text and a label in each row."""

import logging
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from glassnet.core.errors import GlassnetError, unknown
from glassnet.data.class_names import require_labels, same_name_hint, same_names
from glassnet.data.sources.tables import Table, read_table
from glassnet.data.splits import stratified_split
from glassnet.data.text.datasets import Texts, make_texts

log = logging.getLogger(__name__)

TEXT_NAMES = ("text", "sentence", "review", "message", "comment", "content", "body", "document")
LABEL_NAMES = ("label", "class", "category", "target", "sentiment", "topic", "tag", "intent", "y")
_TRAIN, _TEST = ("train", "training"), ("test", "testing")  # values of a column named split
# For tables without a split column; fixed, so that the data set is always the same.
_SHARE, _SEED = 0.2, 0
_WORDS, _LETTERS = 6, 60  # a header cell with so many is probably a text
Pairs = list[tuple[str, str]]


def read_labelled(
    path: str,
    text_column: str | None = None,
    label_column: str | None = None,
    test_file: str | None = None,
) -> Texts:
    """Return the texts and labels of a table, with byte tokens.

    A column that is None is detected. The test set is `test_file`, or the rows selected by a column
    named split, or a stratified fifth of the rows. Raises GlassnetError naming file and line.
    """
    table = _Table.read(path)
    text, label = table.columns(text_column, label_column)
    if test_file is not None:
        train = table.pairs(text, label)
        test = _Table.read(test_file).pairs(text, label)
    elif (split := table.named(("split",))) is not None:
        train, test = table.split_pairs(text, label, split)
    else:
        pairs = table.pairs(text, label)
        _names([name for _, name in pairs], path, label)
        rows = stratified_split(np.array([name for _, name in pairs]), _SHARE, _SEED)
        train, test = ([pairs[i] for i in part] for part in rows)
    names = _names([name for _, name in train], path, label)
    index = {name: number for number, name in enumerate(names)}
    for _, name in test:
        if name not in index:
            raise GlassnetError(
                f"the test rows have the label {name!r}, which no training row has.",
                where=test_file or path,
                fix=f"{same_name_hint(name, names)}Fix the label, or add such rows to the "
                "training part.",
            )
    train_part, test_part = (
        [(words, index[name]) for words, name in part] for part in (train, test)
    )
    source = path if test_file is None else f"{path} and {test_file}"
    return make_texts(Path(path).stem, train_part, test_part, names, source)


@dataclass(frozen=True)
class _Table:
    """A table, and how its columns of texts and labels are chosen."""

    path: str
    rows: Table

    @classmethod
    def read(cls, path: str) -> "_Table":
        return cls(path, read_table(path))

    @property
    def header(self) -> Sequence[str]:
        return self.rows.columns

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.header)}

    def named(self, names: Sequence[str]) -> str | None:
        """Return the first of these names that is a column, ignoring case; None if none is."""
        columns = {column.lower(): column for column in reversed(self.header)}
        return next((columns[name] for name in names if name in columns), None)

    def column(self, name: str, where: str = "") -> list[str]:
        if name not in self._places:
            raise unknown("column", name, self.header, where=where or self.path)
        cells: list[str] = self.rows.frame[name].fill_null("").to_list()
        return cells

    def columns(self, text_column: str | None, label_column: str | None) -> tuple[str, str]:
        """Return (text column, label column): as requested, or by name, or by their contents."""
        for option, name in (("--text-column", text_column), ("--label-column", label_column)):
            if name is not None:
                self.column(name, option)
        text = text_column or self.named(TEXT_NAMES)
        label = label_column or self.named(LABEL_NAMES)
        others = [c for c in self.header if c not in (text, label) and c.lower() != "split"]
        if text is None and others:
            # Texts are long. Labels repeat, so at most half as many are distinct.
            text = max(others, key=lambda c: sum(map(len, self.column(c))))
            others.remove(text)
        if label is None:
            few = [c for c in others if 2 * len(set(self.column(c))) <= len(self.rows)]
            label = few[0] if len(few) == 1 else None
        if text is None or label is None or text == label:
            missing = "text" if text is None else "label"
            names = f"{', '.join(self.header):.200}"
            raise GlassnetError(
                f"can't tell which column is the {missing}: there are {names}.",
                where=f"{self.path}: line 1",
                fix=f"Name it with --{missing}-column NAME.",
            )
        if text_column is None and all(map(_is_number, self.column(text))):
            raise GlassnetError(
                f"the column {text!r} contains numbers, but this is read as a table of texts.",
                where=self.path,
                fix="Save a table of numbers as .npz: np.savez(file, x_train=..., y_train=..., "
                "x_test=..., y_test=...). If it is text nevertheless, use --text-column NAME.",
            )
        if text_column is None and label_column is None:
            self._require_header(text, label)
        log.info(f"texts are in column {text!r}, labels in column {label!r}")
        return text, label

    def _require_header(self, text: str, label: str) -> None:
        """Raise if the first line, whose columns were detected, is probably an example."""
        if text.lower() in TEXT_NAMES or label.lower() in LABEL_NAMES:
            return
        labels = [*map(str.strip, self.column(label))]
        if same_names((label, *labels)) or label in labels:
            problem = f"its {label!r} is also a label below"
        elif len(text.split()) >= _WORDS or len(text) >= _LETTERS:
            problem = f"{text!r:.60} reads like a text"
        elif _is_number(label) and all(map(_is_number, labels)):
            problem = f"its {label!r} is a number, as the labels below are"
        else:
            return
        raise GlassnetError(
            f"is probably an example, not a header: {problem}.",
            where=f"{self.path}: line 1",
            fix="Add a first line that names the columns, such as text,label; if this is the "
            "header, use --text-column NAME --label-column NAME.",
        )

    def pairs(self, text: str, label: str) -> Pairs:
        """Return the (text, label) pairs of all rows."""
        texts, labels = self.column(text), [label.strip() for label in self.column(label)]
        lines = self.rows.numbers.tolist()
        for line, value in zip(lines, texts, strict=True):
            if not value.strip():
                raise GlassnetError(
                    f"the column {text!r} is empty.",
                    where=f"{self.path}: line {line}",
                    fix="Fill it in, or remove the row.",
                )
        require_labels(labels, lines, self.path, "line", f"column {label!r}")
        return list(zip(texts, labels, strict=True))

    def split_pairs(self, text: str, label: str, split: str) -> tuple[Pairs, Pairs]:
        """Return the pairs of (training rows, test rows), by the split column."""
        parts: Mapping[bool, Pairs] = {True: [], False: []}
        lines = self.rows.numbers.tolist()
        rows = zip(lines, self.column(split), self.pairs(text, label), strict=True)
        for line, word, pair in rows:
            if word.strip().lower() not in (*_TRAIN, *_TEST):
                raise GlassnetError(
                    f"the column {split!r} has {word!r}, not train or test.",
                    where=f"{self.path}: line {line}",
                    fix="glassnet splits off validation rows itself: mark them as train.",
                )
            parts[word.strip().lower() in _TRAIN].append(pair)
        return parts[True], parts[False]


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return not cell.strip()
    return True


def _names(labels: Sequence[str], path: str, column: str) -> tuple[str, ...]:
    """Return the class names: sorted as numbers if all are, otherwise alphabetically."""
    counts = Counter(labels)
    if len(counts) > max(2, len(labels) // 2):
        raise GlassnetError(
            f"the column {column!r} has {len(counts)} different labels in {len(labels)} rows.",
            where=path,
            fix="If this is not the label column, name it with --label-column NAME.",
        )
    numeric = all(re.fullmatch(r"-?\d{1,18}", name) for name in counts)
    return tuple(sorted(counts, key=int if numeric else str))
