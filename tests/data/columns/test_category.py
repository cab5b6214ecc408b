"""Categories: one-hot, embedded, unknown, missing."""

import numpy as np
import polars as pl
import pytest

from glassnet.data.columns import category
from glassnet.data.columns.base import cells
from glassnet.data.columns.category import ONE_HOT, Category


def test_few_values_have_a_feature_each() -> None:
    column = Category.fitted("sex", "why", pl.Series(["m", "f", None, "m"]))
    assert column.features == ("sex=f", "sex=m", "sex is missing")
    x = column.encoded(pl.Series(["m", "f", "x", None]))
    assert x.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0], [0, 0, 1]]
    raw = pl.Series(["x", "m"])
    assert [w for w, _ in column.doubts(raw, column.typed(raw))] == [
        "has a value that no training row has"
    ]


def test_many_values_have_numbers() -> None:
    values = [f"v{i:03}" for i in range(ONE_HOT + 8)]
    column = Category.fitted("city", "why", pl.Series(values * 2 + ["once"]))
    assert column.embedded
    assert column.known == tuple(values)
    assert column.features == ("city",)
    assert column.encoded(pl.Series(["v000", "v039", "once", "new"])).tolist() == [
        [1],
        [40],
        [0],
        [0],
    ]
    raw = pl.Series(["once", "v001"])
    ((what, rows),) = column.doubts(raw, raw)
    assert what == "has a value that fewer than two training rows have"
    assert rows.tolist() == [True, False]


def test_values_that_a_model_file_has_no_room_for_are_one(
    monkeypatch: pytest.MonkeyPatch, messages: list[str]
) -> None:
    monkeypatch.setattr(category, "_ROOM", 400)
    rows = [f"v{i:03}" for i in range(100) for _ in range(2 + (i < 40))]
    column = Category.fitted("city", "why", pl.Series(rows))
    assert column.known == tuple(f"v{i:03}" for i in range(50))
    assert "the 50 most frequent are distinguished" in messages[0]


def test_a_number_is_the_same_category_in_any_type() -> None:
    expected = ["1", "2", None]
    assert cells(pl.Series(["1", " 2", "NA"])).to_list() == expected
    assert cells(pl.Series([1, 2, None])).to_list() == expected
    assert cells(pl.Series([1.0, 2.0, np.nan])).to_list() == expected
    assert cells(pl.Series([1.5, None])).to_list() == ["1.5", None]
    assert cells(pl.Series([True, None])).to_list() == ["True", None]


def test_a_column_without_values_makes_no_error() -> None:
    column = Category.fitted("a", "why", pl.Series([None, None], dtype=pl.String))
    assert column.encoded(pl.Series(["x", None])).tolist() == [[0], [1]]
