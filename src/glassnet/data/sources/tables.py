"""Tables in files, as raw rows: CSV and TSV as texts, Parquet and JSON lines with their types."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.files import read_file
from glassnet.data.sources.compressed import GZIP, require_no_page
from glassnet.data.sources.delimited_files import read_delimited
from glassnet.data.sources.text_files import utf8_of

if TYPE_CHECKING:
    import polars as pl

JSON_LINES, PARQUET = (".jsonl", ".ndjson"), (".parquet",)
_TEXTS = (".csv", ".tsv", ".tab", *JSON_LINES)
TABLES = (*_TEXTS, *PARQUET, *(end + GZIP for end in _TEXTS))  # the ends of the names of such files
_MOST_CELLS = 2**31  # of a Parquet file, which may hold many in a few bytes


@dataclass(frozen=True, eq=False)
class Table:
    """Raw rows, and where they are from."""

    frame: "pl.DataFrame"
    numbers: np.ndarray  # by which people find the rows
    source: str  # a path, or what a table in memory is called
    unit: str = "line"  # what the numbers count: lines from 1; or "row", from 0, or "file"

    @classmethod
    def numbered(cls, frame: "pl.DataFrame", source: str) -> Self:
        """Return a table whose rows are numbered from 0."""
        return cls(frame, np.arange(len(frame)), source, "row")

    def __len__(self) -> int:
        return self.frame.height

    @property
    def name(self) -> str:
        """The name of the file without its ends: prices for prices.csv.gz."""
        return Path(self.source.removesuffix(GZIP)).stem

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return self.frame.columns

    @property
    def folder(self) -> str:
        """The folder from which the paths in its cells start; "" is the current one."""
        return self.source if self.unit == "file" else os.path.dirname(self.source)

    def row_name(self, row: Any) -> str:
        """Return what people call a row: "line 7"."""
        return f"{self.unit} {self.numbers[row]}"

    def place(self, row: Any) -> str:
        """Return where a row is, for a message."""
        return f"{self.source}: {self.row_name(row)}".removeprefix(": ")

    def rows(self, rows: Any) -> Self:
        """Return some of the rows: their indices, or True for each."""
        rows = np.flatnonzero(rows) if np.asarray(rows).dtype == bool else np.asarray(rows)
        return replace(self, frame=self.frame[rows], numbers=self.numbers[rows])


def read_table(path: str, least: int = 2, encoding: str | None = None) -> Table:
    """Return the rows of a file with at least so many columns; texts as `utf8_of` decodes them.

    Raises GlassnetError that names the file and the line.
    """
    if path.lower().endswith(PARQUET):
        return _checked(Table.numbered(_parquet(path), path), least)
    in_json = path.lower().removesuffix(GZIP).endswith(JSON_LINES)
    return table_in(utf8_of(path, encoding), path, least, in_json)


def table_in(data: bytes, source: str, least: int, in_json: bool) -> Table:
    """Return the rows in a text: JSON lines, or CSV."""
    require_no_page(data, source)
    if in_json:
        return _checked(_json_lines(data, source), least)
    return Table(*read_delimited(data, source, least), source)


def _parquet(path: str) -> "pl.DataFrame":
    import polars as pl

    if not os.path.isfile(path):
        read_file(path, 0, "")  # raises: what is wrong with the path
    with _polars_errors(path, "Parquet"):
        rows = pl.scan_parquet(path)
        columns, count = rows.collect_schema().names(), rows.select(pl.len()).collect().item()
        if count * len(columns) > _MOST_CELLS:
            what = f"has {count:,} rows of {len(columns):,} columns, too many to be read at once."
            raise GlassnetError(what, where=path, fix="Give a part of the rows.")
        return rows.collect()


def _json_lines(data: bytes, path: str) -> Table:
    import polars as pl

    filled = [number for number, line in enumerate(data.split(b"\n"), 1) if line.strip()]
    with _polars_errors(path, "JSON lines", lambda: _refuse_line(data, path)):
        frame = pl.read_ndjson(data, infer_schema_length=None)
    if len(filled) != len(frame):
        return Table.numbered(frame, path)
    return Table(frame, np.array(filled), path)


def _refuse_line(data: bytes, path: str) -> None:
    """Raise for the first line that is not an object of JSON."""
    for number, line in enumerate(data.split(b"\n"), 1):
        where, fix = f"{path}: line {number}", 'Write {"column": value, ...} on each line.'
        try:
            row = json.loads(line) if line.strip() else {}
        except ValueError as error:
            raise GlassnetError(f"is not JSON ({error}).", where=where, fix=fix) from error
        if not isinstance(row, dict):
            raise GlassnetError("is not an object of JSON.", where=where, fix=fix)


@contextmanager
def _polars_errors(path: str, form: str, look: Callable[[], None] = lambda: None) -> Iterator[None]:
    import polars as pl

    try:
        yield
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        if isinstance(error, GlassnetError):
            raise
        look()
        first = str(error).partition("\n")[0]
        raise GlassnetError(f"can't be read as {form}: {first}.", where=path) from error


def _checked(table: Table, least: int) -> Table:
    """Return the table; raises unless it has so many columns, and one row."""
    frame = table.frame.rename(str.strip)
    if len(frame.columns) < least:
        raise GlassnetError(f"has fewer than {least} columns.", where=table.source)
    if not len(frame):
        raise GlassnetError("has no rows.", where=table.source)
    return replace(table, frame=frame)
