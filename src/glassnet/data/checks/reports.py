"""How checks name a column and its rows."""

from typing import Any

import numpy as np

from glassnet.core.doubts import doubt
from glassnet.core.plurals import counted
from glassnet.data.sources.tables import Table


def doubt_column(table: Table, name: str, what: str, fix: str) -> None:
    """Doubt a column."""
    doubt(what, f"{table.source}: column {name!r}", fix)


def rows_in_words(table: Table, rows: Any) -> str:
    """Return how many rows there are, and which is the first; `rows` is True for each, (N,)."""
    rows = np.flatnonzero(rows)
    first = table.row_name(rows[0])
    return first if len(rows) == 1 else f"{counted(len(rows), 'row')}, the first in {first}"
