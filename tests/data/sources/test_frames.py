"""Tables in memory: all types of columns of pandas, polars and pyarrow."""

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data.sources.frames import is_frame, table_of

DAY = datetime(2026, 1, 2, 3)


@pytest.mark.parametrize(
    ("column", "cells", "dtype"),
    [
        (pd.Series([1, 2]), [1, 2], pl.Int64),
        (pd.Series([1.5, None]), [1.5, None], pl.Float64),
        (pd.Series(["x", None]), ["x", None], pl.String),
        (pd.Series(["x", np.nan], dtype=object), ["x", None], pl.String),
        (pd.Series([True, False]), [True, False], pl.Boolean),
        (pd.Series([True, None], dtype=object), [True, None], pl.Boolean),
        (pd.Series([1, None], dtype="Int64"), [1, None], pl.Float64),
        (pd.Series(["x", None], dtype="category"), ["x", None], pl.String),
        (pd.Series([1, "x"], dtype=object), ["1", "x"], pl.String),
        (pd.Series([DAY, None], dtype="datetime64[us]"), [DAY, None], pl.Datetime("us")),
        (pd.Series([None, None], dtype=object), [None, None], pl.String),
    ],
)
def test_columns_of_pandas(column: Any, cells: list[Any], dtype: Any) -> None:
    series = table_of(pd.DataFrame({"a": column})).frame["a"]
    assert series.to_list() == cells
    assert series.dtype == dtype


def test_zones_of_pandas_are_in_utc() -> None:
    column = pd.Series([DAY]).dt.tz_localize("Europe/Berlin")
    assert table_of(pd.DataFrame({"a": column})).frame["a"].to_list() == [datetime(2026, 1, 2, 2)]


def test_an_index_is_not_read_and_names_are_texts() -> None:
    table = table_of(pd.DataFrame({1: [1], "b": [2]}, index=["row"]), "mine")
    assert table.columns == ["1", "b"]
    assert table.place(0) == "mine: row 0"


def test_polars_and_pyarrow() -> None:
    frame = pl.DataFrame({"a": [1, None], "b": ["x", "y"]})
    for source in (frame, frame.to_arrow(), pa.table({"a": [1, None], "b": ["x", "y"]})):
        assert table_of(source).frame.equals(frame)


def test_what_is_a_frame() -> None:
    assert all(map(is_frame, (pd.DataFrame(), pl.DataFrame(), pa.table({"a": [1]}))))
    assert not any(map(is_frame, (np.zeros((2, 2)), [[1]], {"a": [1]}, "a.csv", None)))


def test_errors_name_the_table() -> None:
    with pytest.raises(GlassnetError, match="mine: has more than one column 'a'"):
        table_of(pd.DataFrame([[1, 2]], columns=["a", "a"]), "mine")

    class Odd:
        columns = ("a",)
        shape = (1, 1)

    with pytest.raises(GlassnetError, match="mine: is a Odd, not a table that glassnet reads"):
        table_of(Odd(), "mine")
