"""From raw rows to arrays: JSON in the model file, and new rows that differ."""

import json

import numpy as np
import polars as pl
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data import Rows, load
from glassnet.data.preprocessing import Preprocessing
from glassnet.data.sources.tables import Table

FRAME = pl.DataFrame(
    {
        "n": [float(i % 13) for i in range(90)],
        "k": ["a", "b", None] * 30,
        "city": [f"c{i % 40}" for i in range(90)],
        "when": [f"2026-01-{i % 28 + 1:02}" for i in range(90)],
        "key": [f"id-{i}" for i in range(90)],
        "y": ["yes", "no"] * 45,
    }
)
NUMBER = {
    "class": "Number", "name": "n", "reason": "", "misses": False, "form": ".", "mean": 0.0,
    "scale": 1.0, "median": 0.0,
}  # fmt: skip
NUMBERS = {"class": "Numbers", "columns": ["y"], "reason": "", "forms": ["."]}


@pytest.fixture
def preprocessing() -> Preprocessing:
    data = load(FRAME, target="y", columns={"city": "category"})
    assert isinstance(data, Rows)
    return data.preprocessing


def test_it_is_the_same_after_json(preprocessing: Preprocessing) -> None:
    again = Preprocessing.from_dict(json.loads(json.dumps(preprocessing.to_dict())))
    assert again == preprocessing
    table = Table.numbered(FRAME, "t")
    assert (again.x(again.typed(table)) == preprocessing.x(preprocessing.typed(table))).all()


def test_what_a_network_has_to_know(preprocessing: Preprocessing) -> None:
    names = preprocessing.features.names
    assert names[:5] == ("n", "k=a", "k=b", "k is missing", "city")
    ((place, count),) = preprocessing.features.embedded
    assert (place, names[place]) == (4, "city")
    (city,) = (column for column in preprocessing.read if column.name == "city")
    assert count == len(city.known) + 1  # type: ignore[attr-defined]
    (n,) = (column for column in preprocessing.read if column.name == "n")
    assert preprocessing.features.quantiles[0] == (0, n.quantiles)  # type: ignore[attr-defined]


def new(**columns: list[object]) -> Table:
    return Table(pl.DataFrame(columns), np.array([2, 3]), "new.csv")


def test_new_rows_that_are_like_the_training_rows_raise_no_doubt(
    preprocessing: Preprocessing, messages: list[str]
) -> None:
    table = new(n=[1, 2], k=["a", None], city=["c1", "c2"], when=["2026-02-01"] * 2, key=["q", "r"])
    x = preprocessing.x(preprocessing.typed(table))
    assert x.shape == (2, len(preprocessing.features.names))
    assert messages == []
    assert (preprocessing.x(preprocessing.typed(table.rows([1]))) == x[1:]).all()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"k": ["a", "z"]}, "line 3: k has a value that no training row has: 'z'."),
        ({"n": ["1", "many"]}, "line 3: n is not a number, and read as missing: 'many'."),
        ({"n": [1, None]}, "line 3: n is missing, which it is in no training row."),
        ({"city": ["q", "r"]}, "city has a value that fewer than two training rows have: 'q', 'r'"),
        ({"when": ["2026-01-01", "soon"]}, "line 3: when is not a date"),
        ({"extra": [1, 2]}, "has columns that no training row had, which are not read: 'extra'."),
        ({"n": None}, "has no column 'n': read as missing in all rows."),
    ],
)  # fmt: skip
def test_differences_are_named(
    preprocessing: Preprocessing, messages: list[str], changes: dict[str, list[object]], words: str
) -> None:
    columns: dict[str, list[object] | None] = {
        "n": [1, 2], "k": ["a", None], "city": ["c1", "c2"], "when": ["2026-02-01"] * 2,
    }  # fmt: skip
    table = new(**{k: v for k, v in (columns | changes).items() if v is not None})
    x = preprocessing.x(preprocessing.typed(table))
    assert np.isfinite(x).all()
    (message,) = messages
    assert message.startswith("warning: new.csv: ")
    assert words in message


def test_a_table_without_any_of_the_columns_is_an_error(preprocessing: Preprocessing) -> None:
    with pytest.raises(GlassnetError, match=r"none of the columns .*: n, k, city, when\. It has q"):
        preprocessing.typed(new(q=[1, 2]))


@pytest.mark.parametrize(
    "change",
    [
        {"columns": []},
        {"columns": [{"class": "Number", "name": "n"}]},
        {"columns": [{"class": "Tokenizer"}]},
        {"columns": [{"class": "Unread", "name": "n", "reason": "", "misses": True, "type": "id"}]},
        {"columns": [NUMBER | {"form": "x"}]},
        {"columns": [NUMBER | {"scale": 0.0}]},
        {"columns": [NUMBER | {"class": "Date", "center": 0.0, "time": True, "form": "%q"}]},
        {"target": {"class": "Numbers", "columns": ["y"], "reason": "", "forms": []}},
        {"target": NUMBERS | {"mean": [1.0]}},
        {"target": {"class": "Other"}},
        {"extra": 1},
    ],
)
def test_damaged_files_are_refused(preprocessing: Preprocessing, change: dict[str, object]) -> None:
    with pytest.raises(GlassnetError, match="rows"):
        Preprocessing.from_dict(preprocessing.to_dict() | change)
    with pytest.raises(GlassnetError, match="rows"):
        Preprocessing.from_dict([])


def test_a_scale_that_is_not_finite_is_refused(preprocessing: Preprocessing) -> None:
    values = preprocessing.to_dict()
    values["columns"][0]["mean"] = float("nan")
    with pytest.raises(GlassnetError, match="is not a finite number"):
        Preprocessing.from_dict(values)
