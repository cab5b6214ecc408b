"""Tables of text (CSV) as programs write them: their encodings, delimiters, headers and rows."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from glassnet.core.doubts import doubt
from glassnet.core.errors import GlassnetError
from glassnet.core.files import read_file
from glassnet.data.sources.encodings import encoding_hint

_LARGEST = 2**30  # bytes
Row = tuple[int, Sequence[str]]  # the line that it starts on, and its cells
_MARKS = {  # byte order marks
    b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe\0\0": "utf-32", b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16",
}  # fmt: skip


def read_text(path: str) -> str:
    """Return the contents of a text file: UTF-8, or another UTF with a byte order mark."""
    data = read_file(path, _LARGEST, "Give the path of a text file of at most 1 GiB.")
    coding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(coding)
    except UnicodeDecodeError as error:
        line = data[: error.start].decode(coding, "replace").count("\n") + 1
        name, byte = coding.removesuffix("-sig").upper(), f"{data[error.start]:#04x}"
        what, fix = "the file is damaged", "Save the file as UTF-8."
        if name == "UTF-8":
            what, fix = encoding_hint(data, error.start)
        raise GlassnetError(
            f"line {line} is not {name} text (byte {byte}); {what}.", where=path, fix=fix
        ) from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        utf_16 = data[::2].count(0) > len(data) // 4 or data[1::2].count(0) > len(data) // 4
        raise GlassnetError(
            f"line {line} contains a zero byte: this "
            + ("is UTF-16 without a byte order mark." if utf_16 else "is not a text file."),
            where=path,
            fix="Save the file as UTF-8." if utf_16 else "",
        )
    if not text.strip():
        raise GlassnetError("is empty.", where=path)
    return text


def read_table(path: str) -> tuple[Sequence[str], Sequence[Row]]:
    """Return (header, rows) of a table with a header and at least one row.

    A column without a name is left empty in the header. Rows have one cell per column, and the
    number of the line that they start on.
    """
    text, delimiter, first = _without_sep(read_text(path))
    if delimiter is None:
        delimiter = _delimiter(text, path)
    lines = list(_cells(text, delimiter, path, first))
    if not lines:
        raise GlassnetError("contains only empty cells.", where=path)
    line, names = lines[0]
    at = f"{path}: line {line}"
    header = tuple(name.strip() for name in names)
    named = [name for name in header if name]
    if len(named) < 2:
        raise GlassnetError(
            f"has only the column {named[0]!r:.60}.",
            where=at,
            fix="The first line must name the columns, for example text,label.",
        )
    if len(set(named)) < len(named):
        raise GlassnetError("names a column twice.", where=at, fix="Rename one.")
    rows: list[Row] = [(line, _fitted(row, header)) for line, row in lines[1:]]
    for line, row in rows:
        if len(row) != len(header):
            raise GlassnetError(
                f"has {len(row)} cells, the header has {len(header)}.",
                where=f"{path}: line {line}",
                fix=f"Put texts with a {delimiter!r} or a line break in double quotes.",
            )
    if not rows:
        raise GlassnetError("has no rows below its header.", where=path)
    _tell_unnamed(header, rows, path)
    return header, rows


def _without_sep(text: str) -> tuple[str, str | None, int]:
    """Return the table's text, its delimiter if Excel's line sep=; names it, and its first line."""
    if "\n" not in text:
        text = text.replace("\r", "\n")  # line endings of classic Mac OS
    if (match := re.match(r'"?sep=([^\w\s"]|\t)"?\r?\n', text, re.IGNORECASE)) is None:
        return text, None, 1
    return text[match.end() :], match[1], 2


def _delimiter(text: str, path: str) -> str:
    """Return the delimiter that gives the most columns: many European spreadsheets write ";"."""
    start = text.lstrip().partition("\n")[0]
    choices = ",;\t" if path.lower().endswith(".csv") else "\t,;"  # the first of equals
    with _csv_errors(f"{path}: line 1"):
        return max(choices, key=lambda d: len(next(csv.reader([start], delimiter=d))))


def _fitted(row: Sequence[str], header: Sequence[str]) -> Sequence[str]:
    """Return the row without empty cells beyond the header, and with those of unnamed columns."""
    extra, missing = row[len(header) :], header[len(row) :]
    row = row if any(cell.strip() for cell in extra) else row[: len(header)]
    return row if any(missing) else [*row, *missing]


def _tell_unnamed(header: Sequence[str], rows: Sequence[Row], path: str) -> None:
    """Announce the columns without a name, which are not read, if they hold more than an index."""
    columns = [at for at, name in enumerate(header) if not name]
    cells = ((line, row[at].strip()) for line, row in rows for at in columns)
    lines = [line for line, cell in cells if cell and not cell.isdecimal()]
    if lines:
        numbers = ", ".join(str(at + 1) for at in columns)
        doubt(
            f"the columns without a name ({numbers}) are left out, but {len(lines):,} of their "
            f"cells hold text, the first in line {lines[0]}.",
            path,
            "Name them in the first line, or remove them.",
        )


def _cells(text: str, delimiter: str, path: str, line: int) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) of each row that is not blank; `line` is that of the first."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    above = line - 1
    while True:
        with _csv_errors(f"{path}: line {line}"):
            row = next(reader, None)
        if row is None:
            return
        if any(cell.strip() for cell in row):
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
