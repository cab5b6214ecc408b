"""The names of a table's columns, and its values with the columns in the order of given names.

A table is a DataFrame (pandas, polars), an Arrow table, or a structured NumPy array.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.lib.recfunctions import structured_to_unstructured

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError, unknown

Names = tuple[str | int, ...]


def column_names(table: Any, what: str) -> Names | None:
    """Return the names of the columns, None for what is not a table; raises for duplicates."""
    columns: Any = getattr(table, "column_names", None)  # Arrow
    if isinstance(table, np.ndarray | np.void):
        columns = table.dtype.names
    elif columns is None:
        columns = getattr(table, "columns", None)
    return None if columns is None or callable(columns) else checked_names(columns, what)


def checked_names(names: Any, what: str) -> Names:
    """Return the names of columns, all but integers as text; raises unless they are distinct."""
    plain = tuple(int(name) if _is_integer(name) else str(name) for name in names)
    if len({*plain}) < len(plain):
        twice = Counter(plain).most_common(1)[0][0]
        raise GlassnetError(
            f"has more than one column {twice!r}, so columns can't be matched by name.",
            where=what,
            fix="Rename or drop the duplicates.",
        )
    return plain


def columns_in_order(table: Any, names: Names | None, what: str) -> Any:
    """Return a table's values with the columns in the order of `names`; other values unchanged.

    Columns numbered 0, 1, ..., as in a DataFrame made from an array, have no real names: they and
    columns with names are matched by position, as an array's are. Raises for missing and unknown
    columns.
    """
    own = column_names(table, what)
    if own is None:
        return table
    return _matched(_plain_array(table, what), own, names, what)


def row_in_order(row: Any, names: Names | None, what: str) -> Any:
    """Return the values of a row, likewise: a Series, a dict, or a row of a structured array."""
    if isinstance(row, Mapping):
        return _matched(np.asarray([*row.values()]), checked_names(row, what), names, what)
    if isinstance(row, np.void):
        return columns_in_order(row, names, what)
    index = getattr(row, "index", None)
    if index is None or callable(index):  # a list has a method of this name
        return row
    return _matched(np.asarray(row), checked_names(index, what), names, what)


def _matched(values: Array, own: Names, names: Names | None, what: str) -> Array:
    """Return the values (..., columns), named `own`, in the order of `names`."""
    if names is None or own == names:
        return values
    if _numbered(own) and not all(map(_is_integer, names)):
        return values
    if _numbered(names) and not all(map(_is_integer, own)):
        return values
    places, known = {name: i for i, name in enumerate(own)}, set(names)
    for name in own:
        if name not in known:
            raise unknown("column", name, map(str, names), where=what)
    if missing := [name for name in names if name not in places]:
        raise GlassnetError(
            f"has no column {missing[0]!r}, which the model was trained on.",
            where=what,
            fix=f"It needs the columns {', '.join(map(str, names))}, in any order.",
        )
    return values[..., [places[name] for name in names]]


def _plain_array(table: Any, what: str) -> Array:
    """Return the values of a table, (N, columns)."""
    if not isinstance(table, np.ndarray | np.void):
        return np.asarray(table)
    for name, (kind, *_) in (table.dtype.fields or {}).items():
        if kind.shape or kind.base.kind not in "biuf":
            raise GlassnetError(f"column {name!r} holds {kind}, not one number a row.", where=what)
    return np.asarray(structured_to_unstructured(np.asarray(table)))


def _numbered(names: Names) -> bool:
    return names == tuple(range(len(names)))


def _is_integer(name: Any) -> bool:
    return isinstance(name, int | np.integer) and not isinstance(name, bool)
