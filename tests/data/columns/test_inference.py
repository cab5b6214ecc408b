"""The types of columns, and the reasons for them."""

from pathlib import Path

import polars as pl
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data.columns.inference import Inferred, infer
from glassnet.data.sources.tables import Table

N = 60


def inferred(cells: list[object], chosen: str | None = None, name: str = "c") -> Inferred:
    series = pl.Series(name, cells)
    table = Table.numbered(pl.DataFrame([series]), "t.csv")
    (column,) = infer(table, {name: chosen} if chosen else {})
    return column


@pytest.mark.parametrize(
    ("cells", "kind", "reason"),
    [
        ([f"{i / 7:.3f}" for i in range(N)], "number", "numbers from 0 to 8.429"),
        ([str(i % 5) for i in range(N)], "number", "whole numbers from 0 to 4"),
        ([f"{i},5" for i in range(N)], "number", "numbers from 0.5 to 59.5, written like 1234,5"),
        ([f"1.{i + 100},5" for i in range(N)], "number", "written like 1.234,5"),
        (["a", "b", "NA"] * 20, "category", "2 different values in 40 rows"),
        (["yes", "no"] * 30, "category", "2 different values in 60 rows"),
        ([f"0{i % 7}12" for i in range(N)], "category", "7 different values in 60 rows"),
        ([f"city {i % 40}" for i in range(400)], "category", "40 different values in 400 rows"),
        ([str(i + 1) for i in range(N)], "id", "numbers the rows from 1 to 60"),
        ([f"K-{i}" for i in range(N)], "id", "60 different values in 60 rows"),
        ([f"{i} words in a long text" for i in range(N)], "text", "6 words each"),
        (
            [f"2026-01-{i % 30 + 1:02}" for i in range(N)],
            "date",
            "dates from 2026-01-01 to 2026-01-30",
        ),
        (["x"] * N, "constant", "it is 'x' in all rows"),
        (["", "NA", "?"] * 20, "constant", "no row has a value"),
        ([1.5, None, 2.5] * 20, "number", "numbers from 1.5 to 2.5"),
        ([True, False] * 30, "category", "2 different values in 60 rows"),
        ([[1], [2]], "dropped", "it holds lists, which are not read"),
        ([b"a", b"b"], "dropped", "it holds bytes, which are not read"),
    ],
)
def test_types_and_reasons(cells: list[object], kind: str, reason: str) -> None:
    column = inferred(cells)
    assert column.type == kind
    assert reason in column.reason


@pytest.mark.parametrize(
    ("name", "cells", "kind"),
    [
        ("customer_id", [str(1000 + 7 * i) for i in range(N)], "id"),
        ("userId", [str(7 * (i % 9)) for i in range(N)], "category"),
        ("paid", [str(7 * (i % 9)) for i in range(N)], "number"),
        ("year", [str(1900 + i) for i in range(N)], "number"),
        ("humid", [str(100 + 3 * i) for i in range(N)], "number"),
    ],
)
def test_names_of_whole_numbers(name: str, cells: list[object], kind: str) -> None:
    assert inferred(cells, name=name).type == kind


def test_a_few_cells_that_are_not_numbers_are_mistakes() -> None:
    cells: list[object] = [f"{i}.5" for i in range(N)]
    cells[17] = "12o"
    with pytest.raises(GlassnetError, match=r"row 17: c is '12o', not a number, but 98.3% of its"):
        inferred(cells)
    assert inferred(cells, "category").type == "category"
    cells[:30] = ["n"] * 30
    assert inferred(cells).type == "category"


def test_chosen_types() -> None:
    whole: list[object] = [str(i % 3) for i in range(N)]
    assert inferred(whole, "category").values is not None
    assert inferred(whole, "id").reason == "chosen"
    assert inferred([f"{i},5" for i in range(N)], "number").form == ","
    with pytest.raises(GlassnetError, match=r"row 2: c is 'x', not a number"):
        inferred(["1", "2", "x"], "number")
    with pytest.raises(GlassnetError, match=r"row 0: c is '1', not a date"):
        inferred(["1", "2"], "date")
    with pytest.raises(
        GlassnetError, match=r"--column c=numbr: unknown type 'numbr'\. Did you mean"
    ):
        inferred(["1"], "numbr")
    with pytest.raises(GlassnetError, match=r"--column: unknown column 'd'"):
        infer(Table.numbered(pl.DataFrame({"c": ["1"]}), "t"), {"d": "number"})


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (
            [str(-999 if i % 10 == 0 else i) for i in range(N)],
            "is -999 in 6 of 60 rows, and 1 to 59",
        ),
        (
            [f"{i + 1},{i + 100}" for i in range(N)],
            "decimal comma, or with a comma between thousands",
        ),
        (
            [f"0{i % 9 + 1}/0{i % 7 + 1}/2026" for i in range(N)],
            "is '01/01/2026' in the order month, day",
        ),
    ],
)
def test_doubts(cells: list[object], words: str, messages: list[str]) -> None:
    inferred(cells)
    (message,) = messages
    assert message.startswith("warning: t.csv: column 'c': ")
    assert words in message


def test_ordinary_numbers_raise_no_doubt(messages: list[str]) -> None:
    inferred([str(i % 9) for i in range(N)])
    inferred([f"{i},{i % 9}" for i in range(N)])
    inferred([f"{i % 28 + 1}/02/2026" for i in range(N)])
    assert messages == []


def test_lines_are_named(tmp_path: Path) -> None:
    from glassnet.data.sources.tables import read_table

    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "\n".join(f'{i}.5,"x\ny"' for i in range(N)) + "\noops,z\n")
    with pytest.raises(GlassnetError, match=r"a\.csv: line 122: a is 'oops', not a number"):
        infer(read_table(str(path)), {})
