"""Columns of paths: which are pictures or audio clips, and where their files are."""

import os
from typing import TYPE_CHECKING, Any

from glassnet.core.doubts import doubt
from glassnet.core.errors import GlassnetError
from glassnet.core.plurals import counted
from glassnet.data.sources.media import AUDIO, PICTURES
from glassnet.data.sources.tables import Table

if TYPE_CHECKING:
    import polars as pl

FILES = {"image": PICTURES, "audio": AUDIO}  # the ends of the names, by type of column
NOUNS = {"image": "picture", "audio": "audio clip"}
_NEARLY = 0.95  # share of paths from which a column is one of files


def type_of_paths(texts: "pl.Series") -> str | None:
    """Return the type of a column with such cells, a key of `FILES`; None if they are no paths."""
    lowered = texts.str.to_lowercase()
    for kind, ends in FILES.items():
        count = sum(lowered.str.ends_with(end).sum() for end in ends)
        if len(texts) and count >= _NEARLY * len(texts):
            return kind
    return None


def are_there(table: Table, name: str, kind: str, texts: "pl.Series") -> bool:
    """Return whether at least one of the files exists; if none does, that is a doubt."""
    paths = (os.path.join(table.folder, cell) for cell in texts.drop_nulls())
    if any(map(os.path.isfile, paths)):
        return True
    example = next(iter(texts.drop_nulls()))
    doubt(
        f"names {NOUNS[kind]}s, such as {example!r:.80}, of which none is there, and is not read.",
        f"{table.source}: column {name!r}",
        _start(table),
    )
    return False


def typed(table: Table, column: Any, kind: str) -> "pl.Series":
    """Return a column of a table as `column.typed` does; of paths, from the table's folder.

    Raises GlassnetError that names the row of a file that does not exist, and of a picture that is
    missing.
    """
    import polars as pl

    name = column.name
    values = column.typed(table.frame[name])
    if kind not in FILES:
        return values
    cells = values.to_list()
    paths = [None if cell is None else os.path.join(table.folder, cell) for cell in cells]
    wrong = [
        row for row, path in enumerate(paths)
        if (kind == "image" if path is None else not os.path.isfile(path))
    ]  # fmt: skip
    if wrong:
        cell, more = cells[wrong[0]], f" ({counted(len(wrong) - 1, 'more such row')})"
        what, fix = f"{name} is {cell!r:.200}, and there is no such file", f"{_start(table)} "
        if cell is None:
            what, fix = f"{name} is missing: there is no {NOUNS[kind]}", ""
        raise GlassnetError(
            f"{what}{more * (len(wrong) > 1)}.",
            where=table.place(wrong[0]),
            fix=f"{fix}--drop {name} leaves the column out.",
        )
    return pl.Series(name, paths, pl.String)


def _start(table: Table) -> str:
    return f"Paths start from {table.folder or 'the current folder'}."
