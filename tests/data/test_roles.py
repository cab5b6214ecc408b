"""Which tables are texts with labels and which are not, and which column is the target."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data import Rows, Texts, load

N = 40
LONG = [f"some words in text number {i}" for i in range(N)]
SHORT = [f"text {i}" for i in range(N)]
NUMBERS = [i / 7 for i in range(N)]
TWO = ["a", "b"] * (N // 2)
NAMES = [f"K{i}" for i in range(N)]


@pytest.mark.parametrize(
    ("columns", "options", "kind"),
    [
        ({"text": LONG, "label": TWO}, {}, Texts),
        ({"words": SHORT, "what": TWO}, {}, Texts),
        ({"id": NAMES, "text": LONG, "label": TWO}, {}, Texts),
        ({"text": LONG, "stars": NUMBERS, "label": TWO}, {}, Rows),
        ({"text": LONG, "stars": NUMBERS, "label": TWO}, {"text_column": "text"}, Texts),
        ({"text": TWO, "label": TWO}, {}, Texts),
        ({"n": NUMBERS, "label": TWO}, {}, Rows),
        ({"n": NUMBERS, "words": LONG, "label": TWO}, {}, Rows),
        ({"color": TWO, "content": TWO, "label": TWO}, {}, Rows),
        ({"text": LONG, "n": NUMBERS, "label": TWO}, {"drop": "text"}, Rows),
        ({"n": NUMBERS, "words": LONG, "label": TWO}, {"text_column": "words"}, Texts),
        ({"text": LONG, "n": NUMBERS, "y": NUMBERS}, {"target": "y", "task": "numbers"}, Rows),
        ({"text": NUMBERS, "label": TWO}, {}, Rows),
    ],
)
def test_texts_or_a_table(
    columns: dict[str, list[Any]], options: dict[str, Any], kind: type
) -> None:
    assert type(load(pl.DataFrame(columns), **options)) is kind


@pytest.mark.parametrize(
    ("name", "texts", "options", "read"),
    [
        ("text", SHORT, {}, True),
        ("words", LONG, {}, False),
        ("words", LONG, {"columns": {"words": "text"}}, True),
        ("words", [f"{text}, which is longer than others are" for text in LONG], {}, True),
    ],
)
def test_texts_that_are_read_beside_other_columns(
    name: str, texts: list[str], options: dict[str, Any], read: bool
) -> None:
    data = load(pl.DataFrame({name: texts, "stars": NUMBERS, "label": TWO}), **options)
    assert isinstance(data, Rows)
    assert data.kind == ("mixed" if read else "table")
    assert [part.kind for part in data.preprocessing.inputs] == ["features", "text"][: 1 + read]
    if not read:
        assert "not read beside other columns" in data.card[0].reason


@pytest.mark.parametrize(
    ("columns", "target"),
    [
        ({"n": NUMBERS, "Target": TWO, "k": TWO}, "Target"),
        ({"n": NUMBERS, "what": TWO}, "what"),
        ({"x": NUMBERS, "y": TWO, "k": TWO}, "y"),
        (
            {"n": NUMBERS, "what": TWO, "split": ["train", "train", "test", "test"] * (N // 4)},
            "what",
        ),
    ],
)
def test_the_target_by_its_name_or_alone(columns: dict[str, list[Any]], target: str) -> None:
    data = load(pl.DataFrame(columns))
    assert isinstance(data, Rows)
    assert data.target.columns == (target,)


def test_y_beside_z_is_a_measure() -> None:
    frame = pl.DataFrame({"x": NUMBERS, "y": NUMBERS, "z": NUMBERS, "a": TWO, "b": TWO})
    with pytest.raises(GlassnetError, match="can't tell which column is the target"):
        load(frame)


@pytest.mark.parametrize("option", ["group", "time"])
def test_texts_have_no_groups_and_no_time(option: str) -> None:
    frame = pl.DataFrame({"text": LONG, "label": TWO, "g": NAMES})
    with pytest.raises(GlassnetError, match=f"--{option}: is for tables of other columns"):
        load(frame, **{option: "g"})


def test_a_table_without_a_header_names_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "iris.csv"
    path.write_text("\n".join(f"{i % 9}.1,{i % 7}.5,{'ab'[i % 2]}" for i in range(30)))
    with pytest.raises(GlassnetError, match=r"line 1: is probably .*: it has '0\.1', '0\.5'"):
        load(path)


def test_a_star_stands_for_any_letters() -> None:
    columns = {"is a": TWO, "is b": [*reversed(TWO)], "size*": NUMBERS, "size": NUMBERS, "n": NAMES}
    frame = pl.DataFrame(columns).with_columns(pl.col("is a", "is b") == "a")
    data = load(frame, target="is *", drop=["size*", "n*"])
    assert isinstance(data, Rows)
    assert data.target.columns == ("is a", "is b")
    assert [c.type for c in data.card] == ["dropped", "number", "dropped"]
    with pytest.raises(GlassnetError, match=r"--drop: unknown column 'm\*'"):
        load(frame, target="is *", drop="m*")
