"""The names of the columns that a model was trained on, as entries of its file."""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.core.columns import Names, checked_names, column_names
from glassnet.core.errors import GlassnetError

Columns = tuple[Names | None, ...]  # of each input or output; None if it was not a table


def warn_if_unmatched(x: Any, inputs: int, columns: Columns) -> None:
    """Warn of a table whose columns have names, if the model knows none to match them with."""
    if columns or (isinstance(x, np.ndarray) and x.dtype.names is None):
        return
    tables = x.values() if isinstance(x, Mapping) else x if inputs > 1 else [x]
    if any(isinstance(name, str) for table in tables for name in column_names(table, "x") or ()):
        warnings.warn(
            "x has named columns, but the model was not trained on such a table: they are taken in "
            "their order.",
            stacklevel=3,
        )


def columns_to_json(columns: Columns, targets: Columns) -> dict[str, Any]:
    """Return the names of columns as entries of a model file; none if there are no names."""
    tables = {"columns": columns, "target_columns": targets}
    return {key: names for key, names in tables.items() if any(names)}


def columns_from_json(about: dict[str, Any], inputs: int) -> tuple[Columns, Columns]:
    """Pop what `columns_to_json` wrote from `about`; return the checked names of columns."""
    outputs = about.get("outputs")
    counts = {"columns": inputs, "target_columns": len(outputs) if isinstance(outputs, dict) else 1}
    columns, targets = (_checked(about.pop(key, []), counts[key], key) for key in counts)
    return columns, targets


def _checked(stored: Any, count: int, where: str) -> Columns:
    if not isinstance(stored, list) or len(stored) not in (0, count):
        raise GlassnetError(f"{stored!r:.80} are not the columns of {count} arrays.", where=where)
    return tuple([None if names is None else _stored_names(names, where) for names in stored])


def _stored_names(names: Any, where: str) -> Names:
    if not isinstance(names, list) or not all(type(name) in (str, int) for name in names):
        raise GlassnetError(f"{names!r:.80} are not names of columns.", where=where)
    return checked_names(names, where)
