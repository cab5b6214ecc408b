"""Tables of text (CSV, TSV) as programs write them: their delimiters, headers and rows.

polars reads the cells. As it fills short rows without a word, the bytes are scanned before: where
rows begin, and how many cells each has. A table in any other form than one cell per column goes
through Python's strict `csv`, which names the faulty line or makes the form regular.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glassnet.core.doubts import doubt
from glassnet.core.errors import GlassnetError

if TYPE_CHECKING:
    import polars as pl

_LARGEST = 2**30  # bytes of a cell
_BLOCK = 2**24  # bytes scanned at a time
_BREAK, _RETURN, _QUOTE = 10, 13, 34
Row = tuple[int, list[str]]  # the line that it starts on, and its cells


def read_delimited(data: bytes, path: str, least: int = 2) -> tuple["pl.DataFrame", np.ndarray]:
    """Return (rows as texts, the numbers of their lines) of a table in UTF-8 with a header.

    Rows without any text are left out, and so are columns without a name. Raises GlassnetError that
    names the line, unless there are at least so many columns with different names, and one row.
    """
    data, delimiter, first = _without_sep(data)
    delimiter = delimiter or _delimiter(data, path)
    rows = _rows(data, delimiter, path, first)
    header = _checked_header(*next(rows, (0, [])), path, least)
    scan = _scanned(data, delimiter, first)
    frame, body = None, scan and scan.body(len(header))
    if body:
        frame, lines = _cells(data[body[0]], len(header), delimiter), body[1]
    if frame is None or len(frame) != len(lines):
        regular, lines = _rewritten(rows, header, delimiter, path)
        frame = _cells(regular, len(header), delimiter)
    if (blank := _is_blank(frame)).any():
        frame, lines = frame.filter(~blank), lines[~blank]
    if not len(lines):
        raise GlassnetError("has no rows below its header.", where=path)
    _tell_unnamed(header, frame, lines, path)
    named = {str(at): name for at, name in enumerate(header) if name}
    return frame.select([*named]).rename(named), lines


def _without_sep(data: bytes) -> tuple[bytes, str | None, int]:
    """Return the table's text, its delimiter if Excel's line sep=; names it, and its first line."""
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")  # line endings of classic Mac OS
    match = re.match(rb'"?sep=([^\w\s"]|\t)"?\r?\n', data, re.IGNORECASE)
    return (data[match.end() :], match[1].decode(), 2) if match else (data, None, 1)


def _delimiter(data: bytes, path: str) -> str:
    """Return the delimiter that gives the most columns: many European spreadsheets write ";"."""
    start = data.lstrip().partition(b"\n")[0].decode()
    choices = (
        ",;\t|" if path.lower().endswith((".csv", ".csv.gz")) else "\t,;|"
    )  # the first of equals
    with _csv_errors(f"{path}: line 1"):
        return max(choices, key=lambda d: len(next(csv.reader([start], delimiter=d))))


def _rows(data: bytes, delimiter: str, path: str, line: int) -> Iterator[Row]:
    """Yield each row that is not blank, read by Python's csv; `line` is the number of the first."""
    text = io.TextIOWrapper(io.BytesIO(data), "utf-8", newline="")
    reader, above = csv.reader(text, delimiter=delimiter, strict=True), line - 1
    while True:
        with _csv_errors(f"{path}: line {line}"):
            row = next(reader, None)
        if row is None:
            return
        if any(map(str.strip, row)):
            yield line, row
        line = above + reader.line_num + 1


@contextmanager
def _csv_errors(where: str) -> Iterator[None]:
    limit = csv.field_size_limit(_LARGEST)  # global, so it is restored
    try:
        yield
    except csv.Error as error:
        raise GlassnetError(
            f"can't be read as a table: {error}.",
            where=where,
            fix='A text with quotes is written as "he said ""yes""".',
        ) from error
    finally:
        csv.field_size_limit(limit)


def _checked_header(line: int, names: Sequence[str], path: str, least: int) -> tuple[str, ...]:
    """Return the names of the columns; "" for those without one."""
    header, where = tuple(map(str.strip, names)), f"{path}: line {line}"
    named = [name for name in header if name]
    if not named:
        raise GlassnetError("contains only empty cells.", where=path)
    if len(named) < least:
        raise GlassnetError(
            f"has only the column {named[0]!r:.60}.",
            where=where,
            fix="The first line must name the columns, for example text,label.",
        )
    if len(set(named)) < len(named):
        twice = next(name for name in named if named.count(name) > 1)
        raise GlassnetError(f"names a column twice: {twice!r:.60}.", where=where, fix="Rename one.")
    return header


@dataclass(frozen=True)
class _Scan:
    """The rows in the bytes of a table, empty lines included."""

    ends: np.ndarray  # the places of the line breaks after them
    lines: np.ndarray  # on which they start
    cells: np.ndarray  # how many they have
    empty: np.ndarray  # True for an empty line

    def body(self, columns: int) -> tuple[slice, np.ndarray] | None:
        """Return (the bytes below the header, the line numbers of their rows).

        None unless every row but empty lines has as many cells as there are columns.
        """
        filled = np.flatnonzero(~self.empty)
        if (self.cells[filled] != columns).any() or len(filled) < 2:
            return None
        first, last = filled[1], filled[-1]
        rows = slice(int(self.ends[first - 1]) + 1, int(self.ends[last]))
        return rows, self.lines[first : last + 1]


def _scanned(data: bytes, delimiter: str, first: int) -> _Scan | None:
    """Find the rows; None if a quote or a carriage return is inside a cell, where readers differ.

    A byte is quoted if the number of quotes before it is odd: "" inside quotes counts as two.
    """
    text = np.frombuffer(data, np.uint8)
    quoted, line, marks = False, 0, 0
    rows: list[np.ndarray] = []
    for start in range(0, len(text), _BLOCK):
        block = text[start : start + _BLOCK]
        quotes = block == _QUOTE
        inside = np.bitwise_xor.accumulate(quotes) ^ quoted
        if not _is_plain(text, start, quotes, inside, block == _RETURN, ord(delimiter)):
            return None
        breaks = np.flatnonzero(block == _BREAK)
        ends = breaks[~inside[breaks]]
        delimiters = np.flatnonzero((block == ord(delimiter)) & ~inside)
        counts = marks + np.searchsorted(delimiters, ends)
        rows.append(np.stack([start + ends, line + 1 + np.searchsorted(breaks, ends), counts]))
        quoted, line, marks = bool(inside[-1]), line + len(breaks), marks + len(delimiters)
    if quoted:
        return None
    if not data.endswith(b"\n"):
        rows.append(np.array([[len(text)], [line + 1], [marks]]))
    ends, lines, counts = np.concatenate(rows, axis=1)
    sizes = np.diff(ends, prepend=-1) - 1
    empty = (sizes == 0) | ((sizes == 1) & (text[ends - 1] == _RETURN))
    return _Scan(ends, first + np.append(0, lines[:-1]), np.diff(counts, prepend=0) + 1, empty)


def _is_plain(
    text: np.ndarray, start: int, quotes: np.ndarray, inside: np.ndarray, returns: np.ndarray,
    delimiter: int,
) -> bool:  # fmt: skip
    """True if quotes in a block surround whole cells, and carriage returns end lines."""
    last = len(text) - 1
    opening = start + np.flatnonzero(quotes & inside)
    closing = start + np.flatnonzero(quotes & ~inside)
    ending = start + np.flatnonzero(returns & ~inside)
    before = text[opening[opening > 0] - 1]
    after = text[closing[closing < last] + 1]
    return bool(
        np.isin(before, (delimiter, _BREAK, _QUOTE)).all()
        and np.isin(after, (delimiter, _BREAK, _RETURN, _QUOTE)).all()
        and (text[ending[ending < last] + 1] == _BREAK).all()
    )


def _rewritten(
    rows: Iterator[Row], header: Sequence[str], delimiter: str, path: str
) -> tuple[bytes, np.ndarray]:
    """Return (text with as many cells in each row as the header has, the rows' line numbers).

    Empty cells beyond the header are left out, and missing ones of unnamed columns are added.
    """
    text, lines = io.StringIO(), []
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for line, row in rows:
        extra, missing = row[len(header) :], header[len(row) :]
        if any(map(str.strip, extra)) or any(missing):
            raise GlassnetError(
                f"has {len(row)} cells, the header has {len(header)}.",
                where=f"{path}: line {line}",
                fix=f"Put texts with a {delimiter!r} or a line break in double quotes.",
            )
        writer.writerow([*row[: len(header)], *missing])
        lines.append(line)
    return text.getvalue().encode(), np.array(lines, np.int64)


def _cells(rows: bytes, columns: int, delimiter: str) -> "pl.DataFrame":
    """Return the cells of rows that all have one for each column, named "0", "1", ..."""
    import polars as pl

    schema = {str(at): pl.String for at in range(columns)}
    if not rows:
        return pl.DataFrame(schema=schema)
    quote = '"' if b'"' in rows else None
    return pl.read_csv(rows, has_header=False, schema=schema, separator=delimiter, quote_char=quote)


def _is_blank(frame: "pl.DataFrame") -> np.ndarray:
    """Return True for rows without any text.   (N,)"""
    blank = np.ones(len(frame), bool)
    for column in frame:
        blank[blank] = ~column.filter(blank).str.contains(r"\S").fill_null(False).to_numpy()
        if not blank.any():
            break
    return blank


def _tell_unnamed(
    header: Sequence[str], frame: "pl.DataFrame", lines: np.ndarray, path: str
) -> None:
    """Doubt the columns without a name, which are not read, if they hold more than an index."""
    columns = [at for at, name in enumerate(header) if not name]
    filled = [frame[:, at].str.contains(r"\S") & ~_is_count(frame[:, at]) for at in columns]
    count = sum(int(cells.sum()) for cells in filled)
    if count:
        numbers = ", ".join(str(at + 1) for at in columns)
        first = min(int(lines[cells.arg_max() or 0]) for cells in filled if cells.any())
        doubt(
            f"the columns without a name ({numbers}) are left out, but {count:,} of their "
            f"cells hold text, the first in line {first}.",
            path,
            "Name them in the first line, or remove them.",
        )


def _is_count(cells: "pl.Series") -> "pl.Series":
    return cells.str.contains(r"^\s*\d+\s*$")
