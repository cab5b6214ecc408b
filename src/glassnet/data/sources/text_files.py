"""Texts in people's files: a table with a text and a label in each row, or one long text."""

import csv
import io
import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from glassnet.core.errors import GlassnetError, unknown
from glassnet.data.splits import stratified_split
from glassnet.data.text import tokenizer
from glassnet.data.text.datasets import Corpus, Texts, make_corpus, make_texts

log = logging.getLogger(__name__)

TABLES, TEXTS = (".csv", ".tsv", ".tab"), (".txt",)
TEXT_NAMES = ("text", "sentence", "review", "message", "comment", "content", "body", "document")
LABEL_NAMES = ("label", "class", "category", "target", "sentiment", "topic", "tag", "intent", "y")
_TRAIN, _TEST = ("train", "training"), ("test", "testing")  # in a column called split
_SHARE, _SEED = 0.2, 0  # of a table without a split; it is part of the data: always the same rows
_LARGEST = 2**30  # bytes
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Columns:
    """Which columns hold what, as a person chose; None is to be found out."""

    text: str | None = None
    label: str | None = None


def read_labelled(path: str, columns: Columns = Columns(), test_file: str | None = None) -> Texts:
    """The texts and labels of a table, in ids of bytes.

    What is tested on: `test_file`, or the rows that a column called split says, or a fifth of the
    rows, of each class its share. Raises GlassnetError naming file and line.
    """
    table = _Table.read(path)
    text, label = table.columns(columns)
    if test_file is not None:
        train = table.pairs(text, label)
        test = _Table.read(test_file).pairs(text, label)
    elif (split := table.named(("split",))) is not None:
        train, test = table.parted(text, label, split)
    else:
        pairs = table.pairs(text, label)
        _names([name for _, name in pairs], path, label)
        rows = stratified_split(np.array([name for _, name in pairs]), _SHARE, _SEED)
        train, test = ([pairs[i] for i in part] for part in rows)
    names = _names([name for _, name in train], path, label)
    place = {name: number for number, name in enumerate(names)}
    for _, name in test:
        if name not in place:
            raise GlassnetError(
                f"the test rows have the label {name!r}, which no training row has.",
                where=test_file or path,
                fix="Mend the label, or add such rows to the training part.",
            )
    train_part, test_part = (
        [(words, place[name]) for words, name in part] for part in (train, test)
    )
    source = path if test_file is None else f"{path} and {test_file}"
    start = tokenizer.fitted("byte", [words for words, _ in train])
    return make_texts(Path(path).stem, train_part, test_part, names, source, start)


def read_corpus(path: str) -> Corpus:
    """The long text in a file; its last tenth is what a network is tested on."""
    data = _text(path).encode()
    end = len(data) - len(data) // 10
    return make_corpus(Path(path).stem, data[:end], data[end:], path)


# -- the file -----------------------------------------------------------------------------------


def _text(path: str) -> str:
    """What is in a text file: UTF-8, or UTF-16 with its mark."""
    try:
        if Path(path).stat().st_size > _LARGEST:
            raise GlassnetError("is larger than 1 GiB.", where=path, fix="Give a part of it.")
        data = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise GlassnetError(
            f"can't be read: {reason}.", where=path, fix="Check the path."
        ) from error
    coding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(coding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise GlassnetError(
            f"line {line} is not {coding.removesuffix('-sig').upper()} text (byte "
            f"{data[error.start]:#04x}).",
            where=path,
            fix="Save the file as UTF-8; iconv -f LATIN1 -t UTF-8 turns the older kind into it.",
        ) from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise GlassnetError(f"line {line} holds a zero byte: this is no text file.", where=path)
    if not text.strip():
        raise GlassnetError("is empty.", where=path)
    return text


@dataclass(frozen=True)
class _Table:
    """A header, and rows with the lines that they begin in."""

    path: str
    header: tuple[str, ...]
    rows: Sequence[tuple[int, Sequence[str]]]

    @classmethod
    def read(cls, path: str) -> "_Table":
        text = _text(path)
        if "\n" not in text:
            text = text.replace("\r", "\n")  # line ends of old Macs
        # What cuts the first line into most parts: spreadsheets write ; in half of Europe.
        start = text.lstrip().partition("\n")[0]
        with _csv_errors(f"{path}: line 1"):
            mark = max(",;\t", key=lambda mark: len(next(csv.reader([start], delimiter=mark))))
        found = list(_cells(text, mark, path))
        if not found:
            raise GlassnetError("holds nothing but empty cells.", where=path)
        (_, names), *rows = found
        header = tuple(name.strip() for name in names)
        if len(header) < 2:
            raise GlassnetError(
                f"has the one column {header[0]!r:.60}.",
                where=f"{path}: line 1",
                fix="The first line names the columns, such as text,label.",
            )
        if len(set(header)) < len(header):
            raise GlassnetError("names a column twice.", where=f"{path}: line 1", fix="Rename one.")
        for line, row in rows:
            if len(row) != len(header):
                raise GlassnetError(
                    f"has {len(row)} cells, the header has {len(header)}.",
                    where=f"{path}: line {line}",
                    fix=f"Put texts that hold a {mark!r} or a line break between double quotes.",
                )
        if not rows:
            raise GlassnetError("has no rows below its header.", where=path)
        return cls(path, header, rows)

    def named(self, names: Sequence[str]) -> str | None:
        """The first column with one of these names, in any case."""
        known = {column.lower(): column for column in reversed(self.header)}
        return next((known[name] for name in names if name in known), None)

    def column(self, name: str, where: str = "") -> list[str]:
        if name not in self.header:
            raise unknown("column", name, self.header, where=where or self.path)
        at = self.header.index(name)
        return [row[at] for _, row in self.rows]

    def columns(self, chosen: Columns) -> tuple[str, str]:
        """(text column, label column): as chosen, else by name, else by what is in them."""
        for option, name in (("--text-column", chosen.text), ("--label-column", chosen.label)):
            if name is not None:
                self.column(name, option)
        text = chosen.text or self.named(TEXT_NAMES)
        label = chosen.label or self.named(LABEL_NAMES)
        others = [c for c in self.header if c not in (text, label) and c.lower() != "split"]
        if text is None and others:
            # Texts are long. Labels come again and again, so there are fewer than half as many.
            text = max(others, key=lambda c: sum(map(len, self.column(c))))
            others.remove(text)
        if label is None:
            few = [c for c in others if 2 * len(set(self.column(c))) <= len(self.rows)]
            label = few[0] if len(few) == 1 else None
        if text is None or label is None or text == label:
            lacking = "text" if text is None else "label"
            held = f"{', '.join(self.header):.200}"
            raise GlassnetError(
                f"can't tell which column is the {lacking}: there are {held}.",
                where=f"{self.path}: line 1",
                fix=f"Say it with --{lacking}-column NAME.",
            )
        if chosen.text is None and all(map(_is_number, self.column(text))):
            raise GlassnetError(
                f"the column {text!r} holds numbers, and this is read as a table of texts.",
                where=self.path,
                fix="Save a table of numbers as .npz: np.savez(file, x_train=..., y_train=..., "
                "x_test=..., y_test=...). If it is text all the same, say --text-column NAME.",
            )
        log.info(f"texts are in column {text!r}, labels in column {label!r}")
        return text, label

    def pairs(self, text: str, label: str) -> Pairs:
        """(text, label) of every row."""
        pairs = list(zip(self.column(text), map(str.strip, self.column(label)), strict=True))
        for (line, _), pair in zip(self.rows, pairs, strict=True):
            for name, value in zip((text, label), pair, strict=True):
                if not value.strip():
                    raise GlassnetError(
                        f"the column {name!r} is empty.",
                        where=f"{self.path}: line {line}",
                        fix="Fill it, or take the row out.",
                    )
        return pairs

    def parted(self, text: str, label: str, split: str) -> tuple[Pairs, Pairs]:
        """(training rows, test rows), as the split column says."""
        parts: Mapping[bool, Pairs] = {True: [], False: []}
        said = zip(self.rows, self.column(split), self.pairs(text, label), strict=True)
        for (line, _), word, pair in said:
            if word.strip().lower() not in (*_TRAIN, *_TEST):
                raise GlassnetError(
                    f"the column {split!r} says {word!r}, not train or test.",
                    where=f"{self.path}: line {line}",
                    fix="glassnet holds out validation rows itself: call them train.",
                )
            parts[word.strip().lower() in _TRAIN].append(pair)
        return parts[True], parts[False]


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return not cell.strip()
    return True


def _cells(text: str, mark: str, path: str) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of each row that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    line = 1
    while True:
        with _csv_errors(f"{path}: line {line}"):
            row = next(reader, None)
        if row is None:
            return
        if any(cell.strip() for cell in row):
            yield line, row
        line = reader.line_num + 1


@contextmanager
def _csv_errors(where: str) -> Iterator[None]:
    limit = csv.field_size_limit(_LARGEST)  # of the process, so it is put back
    try:
        yield
    except csv.Error as error:
        raise GlassnetError(
            f"can't be read as a table: {error}.",
            where=where,
            fix='A text with quotes in it is written "he said ""yes""".',
        ) from error
    finally:
        csv.field_size_limit(limit)


def _names(labels: Sequence[str], path: str, column: str) -> tuple[str, ...]:
    """The classes: numbers by size, all others by the alphabet."""
    counts = Counter(labels)
    if len(counts) > max(2, len(labels) // 2):
        raise GlassnetError(
            f"the column {column!r} has {len(counts)} different labels in {len(labels)} rows.",
            where=path,
            fix="Is it the labels' column? Say it with --label-column NAME.",
        )
    numeric = all(re.fullmatch(r"-?\d{1,18}", name) for name in counts)
    return tuple(sorted(counts, key=int if numeric else str))
