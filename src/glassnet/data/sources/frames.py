"""Tables in memory as raw rows: DataFrames of pandas and polars, tables of pyarrow."""

from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.core.columns import checked_names
from glassnet.core.errors import GlassnetError
from glassnet.data.sources.tables import Table

if TYPE_CHECKING:
    import narwhals as nw
    import polars as pl


def is_frame(source: Any) -> bool:
    """True for what has rows, columns and their names, and is not an array of NumPy."""
    return (
        hasattr(source, "columns")
        and hasattr(source, "shape")
        and not isinstance(source, np.ndarray)
    )


def table_of(frame: Any, source: str = "the table") -> Table:
    """Return a table in memory as raw rows; an index of pandas is not read.

    Raises GlassnetError for what narwhals does not know, and for columns with the same name.
    """
    import narwhals as nw
    import polars as pl

    checked_names(getattr(frame, "column_names", None) or frame.columns, source)
    try:
        rows = nw.from_native(frame, eager_only=True)
    except TypeError as error:
        raise GlassnetError(
            f"is a {type(frame).__name__}, not a table that glassnet reads.",
            where=source,
            fix="Give a DataFrame of pandas or polars, or a table of pyarrow.",
        ) from error
    if not rows.implementation.is_pandas_like():
        return Table.numbered(rows.to_polars(), source)
    # narwhals would need pyarrow to convert the columns of pandas.
    return Table.numbered(pl.DataFrame([_series(c) for c in rows.iter_columns()]), source)


def _series(column: "nw.Series[Any]") -> "pl.Series":
    """Return a column of pandas."""
    import polars as pl

    name, kind, missing = str(column.name), column.dtype, column.is_null().to_numpy()
    if kind.is_temporal() and getattr(kind, "time_zone", None):
        column = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    if kind.is_numeric() or kind.is_temporal():
        values = column.to_numpy()
        if values.dtype.kind in "iufMm":
            series = pl.Series(name, values)
            return series.set(pl.Series(missing), None) if missing.any() else series
    cells = [
        None if no else value for no, value in zip(missing.tolist(), column.to_list(), strict=True)
    ]
    kinds = {type(value) for value in cells if value is not None}
    if len(kinds) > 1 or not kinds <= {str, bool, int, float}:
        cells = [value if value is None else str(value) for value in cells]
    return pl.Series(name, cells, pl.String if not kinds else None)
