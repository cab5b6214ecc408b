"""Which type each column of raw rows has, and why."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.core.doubts import doubt
from glassnet.core.errors import GlassnetError, unknown
from glassnet.data.checks.columns import check_column, doubt_constants
from glassnet.data.columns import date, number
from glassnet.data.columns.audio import Audio, doubt_clips
from glassnet.data.columns.base import TYPES, UNREAD, Column, Unread, cells
from glassnet.data.columns.category import ONE_HOT, Category
from glassnet.data.columns.files import FILES, NOUNS, are_there, type_of_paths, typed
from glassnet.data.columns.image import Image
from glassnet.data.columns.text import Text
from glassnet.data.sources.tables import Table

if TYPE_CHECKING:
    import polars as pl

_SAMPLE, _ROWS = 1000, 20  # different texts that are tried before all; rows for each
_FEW = 20  # rows: with fewer, whole numbers that all differ are no row numbers
_NEARLY = 0.95  # share of numbers in a column from which other texts in it are mistakes
_WORDS, _LETTERS = 4, 60  # mean per value, from which values are texts
_REPEAT = 0.5  # share of different values, to which texts may be categories
_ALL = 0.9  # share of different values, from which they name the row
_OTHER = {  # types of polars that are not read
    kind: f"it holds {what}, which are not read"
    for kind, what in {
        "List": "lists", "Array": "lists", "Struct": "objects", "Binary": "bytes",
        "Object": "objects of Python", "Duration": "durations", "Time": "times without a date",
    }.items()
}  # fmt: skip
_ID = re.compile(
    r"(^|[_ .-])(id|uuid|guid|key|index|rownames|row|nr|no)$|^(unnamed.*|#)$|[a-z]I[dD]$"
)


@dataclass(frozen=True, eq=False)
class Inferred:
    """The type of a column, why it has it, how its values are written, and the typed values."""

    name: str
    type: str  # one of TYPES
    reason: str
    form: str = ""
    values: "pl.Series | None" = field(default=None, repr=False)  # None if the column is not read

    @property
    def missing(self) -> int:
        """The number of rows without a value."""
        return 0 if self.values is None else self.values.null_count()

    def typed(self, raw: "pl.Series") -> "pl.Series":
        """Return other cells with this type; null for those that are missing or not of it."""
        if self.type == "number":
            return number.numbers_of(raw, self.form)
        return date.dates_of(raw, self.form) if self.type == "date" else cells(raw)

    def fitted(self, rows: "pl.Series | None", reading: Mapping[str, Any]) -> Column:
        """Return the column, fitted to typed values of training rows; None if it is not read.

        `reading` are the options of the tokenizer for texts.
        """
        if rows is None:
            return Unread(self.name, self.reason, True, self.type)
        if self.type == "number":
            return number.Number.fitted(self.name, self.reason, self.form, rows)
        if self.type == "date":
            return date.Date.fitted(self.name, self.reason, self.form, rows)
        if self.type == "image":
            return Image.fitted(self.name, self.reason, self.form, rows)
        if self.type == "audio":
            return Audio.fitted(self.name, self.reason, self.form, rows)
        if self.type == "text":
            return Text.fitted(self.name, self.reason, rows, reading)
        return Category.fitted(self.name, self.reason, rows)


def infer(table: Table, chosen: Mapping[str, str]) -> list[Inferred]:
    """Return the type of each column, in their order; `chosen` are the types that people chose.

    Raises GlassnetError for unknown columns and types, and for cells that are not of their type.
    """
    for name, kind in chosen.items():
        require_column(table, name, "--column")
        if kind not in TYPES:
            raise unknown("type", kind, TYPES, where=f"--column {name}={kind}")
    columns = [_inferred(table, name, chosen.get(name)) for name in table.columns]
    doubt_constants(table, columns)
    return columns


def require_column(table: Table, name: str, where: str) -> None:
    """Raise unless the table has a column of this name."""
    if name not in table.columns:
        raise unknown("column", name, table.columns, where=where)


def _inferred(table: Table, name: str, chosen: str | None) -> Inferred:
    raw = table.frame[name]
    kind = str(raw.dtype).partition("(")[0]
    if chosen in UNREAD or (chosen is None and kind in _OTHER):
        return Inferred(name, chosen or "dropped", "chosen" if chosen else _OTHER[kind])
    texts = cells(raw)
    if chosen in ("category", "text"):
        return Inferred(name, chosen, "chosen", values=texts)
    looking = _Looking(table, name, raw, texts)
    if chosen is not None:
        column = looking.as_type(chosen)
    else:
        column = (
            looking.constant() or looking.files() or looking.number() or looking.date()
            or looking.words()
        )  # fmt: skip
    check_column(table, column, looking.sample, texts)
    return column


@dataclass(frozen=True, eq=False)
class _Looking:
    """A column whose type is looked for."""

    table: Table
    name: str
    raw: "pl.Series"
    texts: "pl.Series"  # of the cells; null for missing ones

    @cached_property
    def different(self) -> int:
        """The number of different values."""
        return self.texts.drop_nulls().n_unique()

    @cached_property
    def sample(self) -> "pl.Series":
        """Some different values, from all parts of the column."""
        present = self.texts.drop_nulls()
        some = present.gather_every(max(1, len(present) // (_ROWS * _SAMPLE)))
        return some.unique(maintain_order=True).head(_SAMPLE)

    @property
    def present(self) -> int:
        """The number of rows with a value."""
        return len(self.texts) - self.texts.null_count()

    @property
    def counts(self) -> str:
        """How many different values there are, in words."""
        return f"{self.different:,} different values in {self.present:,} rows"

    def as_type(self, kind: str) -> Inferred:
        """Return the column as numbers, dates or files; raises for a cell that is none of them."""
        if kind in FILES:
            return self.of_files(kind, "chosen")
        forms = number.forms_of(self.sample) if kind == "number" else date.forms_of(self.sample)
        form = forms[0] if forms else (number.PLAIN if kind == "number" else date.FORMS[0])
        values = self.parsed(kind, form)
        self.require_none(self.texts.is_not_null() & values.is_null(), kind, "")
        return Inferred(self.name, kind, "chosen", form, values)

    def parsed(self, kind: str, form: str) -> "pl.Series":
        """Return the values; null for what is missing or not of this type."""
        if kind == "number":
            return number.numbers_of(self.raw, form)
        return date.dates_of(self.raw, form)

    def constant(self) -> Inferred | None:
        """Return the column if it is the same in all rows."""
        if not self.present:
            return Inferred(self.name, "constant", "no row has a value")
        if self.present == len(self.texts) and (self.texts == self.texts[0]).all():
            return Inferred(self.name, "constant", f"it is {self.texts[0]!r:.40} in all rows")
        return None

    def files(self) -> Inferred | None:
        """Return the column if its values are paths of pictures or audio clips that exist."""
        kind = type_of_paths(self.sample)
        if kind is None or not are_there(self.table, self.name, kind, self.texts):
            return None
        ends = self.sample.str.extract(r"(\.\w+)$").str.to_lowercase().unique().drop_nulls().sort()
        return self.of_files(kind, f"paths of {NOUNS[kind]}s: {', '.join(ends):.40}")

    def of_files(self, kind: str, reason: str) -> Inferred:
        """Return the column as one of files; raises for one that does not exist."""
        column = Inferred(self.name, kind, reason)
        paths = typed(self.table, column, kind)
        if kind == "audio":
            doubt_clips(self.table, paths)
        return replace(column, values=paths)

    def number(self) -> Inferred | None:
        """Return the column if its values are numbers."""
        form = number.PLAIN if self.raw.dtype.is_numeric() else self.form_of_numbers()
        if form is None:
            return None
        values = self.parsed("number", form)
        wrong = self.texts.is_not_null() & values.is_null()
        if wrong.any():
            if wrong.sum() > (1 - _NEARLY) * self.present:
                return None
            self.require_none(wrong, "number", f", but {1 - wrong.sum() / self.present:.1%} of its "
                              "values are numbers")  # fmt: skip
        numbers = values.drop_nulls().to_numpy()
        low, high = float(numbers.min()), float(numbers.max())
        whole = bool((numbers == np.round(numbers)).all())
        span = (
            f"{'whole ' if whole else ''}numbers from {number.shown(low)} to {number.shown(high)}"
        )
        if whole and (reason := self.reason_for_id(low, high)):
            return Inferred(self.name, "id", reason)
        if whole and self.name.lower().endswith("id") and _ID.search(self.name):
            return Inferred(self.name, "category", f"numbers that are names, by its name; "
                            f"{self.counts}", values=self.texts)  # fmt: skip
        how = f", written like {number.example_of(form)}" if form != number.PLAIN else ""
        return Inferred(self.name, "number", span + how, form, values)

    def form_of_numbers(self) -> str | None:
        """Return the form in which all values, or nearly all, are numbers; None if there is none.

        Numbers with zeros before them, such as codes of places, are not numbers.
        """
        if self.sample.str.contains(r"^0\d+$").any():
            return None
        forms = number.forms_of(self.sample)
        if forms[:2] == [".,", ","]:
            example = self.sample.filter(self.sample.str.contains(",", literal=True))[0]
            doubt(
                f"is {example!r} a number with a decimal comma, or with a comma between thousands? "
                f"It is read as {example.replace(',', '')}.",
                f"{self.table.source}: column {self.name!r}",
                "If it is a decimal comma, write a point.",
            )
        return forms[0] if forms else number.nearly(self.sample, _NEARLY, _FEW)

    def reason_for_id(self, low: float, high: float) -> str:
        """Return why whole numbers are the numbers of the rows; empty if they are not."""
        rows = len(self.texts)
        numbered, named = high - low + 1 == rows and low in (0, 1), _ID.search(self.name)
        if rows < _FEW or not (numbered or named) or self.different < _ALL * rows:
            return ""
        if numbered and self.different == rows:
            return f"numbers the rows from {low:g} to {number.shown(high)}"
        return f"{self.counts}, and its name" if named else ""

    def date(self) -> Inferred | None:
        """Return the column if its values are dates."""
        forms = [date.TYPED] if self.raw.dtype.is_temporal() else date.forms_of(self.sample)
        if not forms and (form := date.nearly(self.sample, _NEARLY, _FEW)):
            forms = [form]
        if not forms:
            return None
        values = self.parsed("date", forms[0])
        wrong = self.texts.is_not_null() & values.is_null()
        if wrong.sum() > (1 - _NEARLY) * self.present:
            return None
        self.require_none(wrong, "date", "")
        if "%m/%d" in forms[0] and any("%d/%m" in form for form in forms):
            doubt(
                f"is {self.sample[0]!r} in the order month, day or day, month? It is read as "
                "month, day.",
                f"{self.table.source}: column {self.name!r}",
                "Write dates as 2026-01-31.",
            )
        days = values.drop_nulls().dt.strftime("%Y-%m-%d").sort()
        reason = f"dates from {days[0]} to {days[-1]}"
        return Inferred(self.name, "date", reason, forms[0], values)

    def words(self) -> Inferred:
        """Return the column as categories, texts, or names of the rows."""
        share = self.different / self.present
        if self.different <= ONE_HOT and share <= _REPEAT:
            return Inferred(self.name, "category", self.counts, values=self.texts)
        words, letters = (
            float(np.mean(counts.to_numpy()))
            for counts in (self.sample.str.count_matches(r"\S+"), self.sample.str.len_chars())
        )
        if share > _REPEAT and (words >= _WORDS or letters >= _LETTERS):
            return Inferred(self.name, "text", f"{words:.0f} words each", values=self.texts)
        if share > _ALL:
            return Inferred(self.name, "id", self.counts, values=self.texts)
        return Inferred(self.name, "category", self.counts, values=self.texts)

    def require_none(self, wrong: "pl.Series", kind: str, why: str) -> None:
        """Raise if cells are not of the type, naming the first."""
        rows = np.flatnonzero(wrong.to_numpy())
        if not len(rows):
            return
        others = f" ({len(rows) - 1:,} more such cells)" if len(rows) > 1 else ""
        cell = self.texts[int(rows[0])]
        if cell == self.name:
            what, fix = "repeats the header.", "Remove the line."
            raise GlassnetError(what, where=self.table.place(rows[0]), fix=fix)
        raise GlassnetError(
            f"{self.name} is {cell!r:.60}, not a {kind}{why}{others}.",
            where=self.table.place(rows[0]),
            fix="Correct it, leave the cell empty if the value is missing, or choose "
            f"--column {self.name}=category.",
        )
