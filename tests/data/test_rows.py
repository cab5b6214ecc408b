"""Tables as data sets: splits, hashes, and what is fitted to which rows."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data import Rows, facts_of, load

RNG = np.random.default_rng(0)
N = 100
FRAME = pd.DataFrame(
    {
        "size": RNG.normal(5, 2, N).round(3),
        "color": np.where(RNG.random(N) < 0.3, "red", "blue"),
        "person": [f"p{i % 10}" for i in range(N)],
        "day": pd.date_range("2026-01-01", periods=N).strftime("%Y-%m-%d"),
        "kind": ["a", "b"] * (N // 2),
    }
)


def rows(source: Any = FRAME, **options: Any) -> Rows:
    data = load(source, **options)
    assert isinstance(data, Rows)
    return data


def csv(path: Path, frame: pd.DataFrame = FRAME) -> str:
    frame.to_csv(path, index=False)
    return str(path)


def test_a_csv_file_and_all_frames_are_the_same_data(tmp_path: Path) -> None:
    sources = [csv(tmp_path / "a.csv"), FRAME, pl.from_pandas(FRAME), pa.Table.from_pandas(FRAME)]
    FRAME.to_parquet(tmp_path / "a.parquet")
    FRAME.to_csv(tmp_path / "a.tsv", index=False, sep="\t")
    sources += [str(tmp_path / "a.parquet"), str(tmp_path / "a.tsv")]
    all_data = [rows(source, target="kind") for source in sources]
    assert len({data.sha256 for data in all_data}) == 1
    for data in all_data:
        assert (data.x_train == all_data[0].x_train).all()
        assert data.class_names == ("a", "b")
    assert facts_of(sources[0], target="kind")[:2] == ("table", "classes")
    assert facts_of(sources[0], target="size")[:2] == ("table", "numbers")


def test_other_cells_columns_and_targets_have_other_hashes() -> None:
    other = FRAME.assign(size=FRAME["size"] + 1)
    hashes = [
        rows(target="kind").sha256, rows(other, target="kind").sha256,
        rows(target="kind", drop="size").sha256, rows(target="color").sha256,
    ]  # fmt: skip
    assert len(set(hashes)) == 4


def test_a_fifth_of_each_class_is_for_testing() -> None:
    data = rows(target="kind")
    assert (len(data.x_train), np.bincount(data.y_test).tolist()) == (80, [10, 10])
    assert sorted([*data.train.numbers, *data.test.numbers]) == list(range(N))
    numbers = rows(target="size")
    assert (len(numbers.x_test), numbers.y_test.shape, numbers.outputs) == (20, (20, 1), 1)
    assert numbers.class_names == ()


def test_a_split_column_and_a_test_file(tmp_path: Path) -> None:
    frame = FRAME.assign(split=["train"] * 90 + [" Test"] * 10)
    data = rows(frame, target="kind")
    assert data.test.numbers.tolist() == list(range(90, 100))
    assert "split" not in [column.name for column in data.card]
    for bad, words in (("late", "row 0: the column 'split' has 'late'"), ("train", "is test")):
        with pytest.raises(GlassnetError, match=words):
            rows(frame.assign(split=bad), target="kind")
    test = csv(tmp_path / "test.csv", FRAME[:7])
    data = rows(csv(tmp_path / "train.csv"), target="kind", test_file=test)
    assert (len(data.x_train), len(data.x_test)) == (100, 7)
    assert (data.x_train[:7] == data.x_test).all()
    for change, words in (
        (FRAME.drop(columns="color"), "test.csv: unknown column 'color'"),
        (FRAME.assign(size="big"), "test.csv: line 2: size is 'big', not a number as in the train"),
        (FRAME.assign(kind="c"), "test.csv: line 2: kind is 'c', which no training row has"),
        (FRAME.drop(columns="kind"), "test.csv: unknown column 'kind'"),
    ):
        csv(tmp_path / "test.csv", change)
        with pytest.raises(GlassnetError, match=words):
            rows(str(tmp_path / "train.csv"), target="kind", test_file=test)


def test_no_group_is_on_both_sides() -> None:
    data = rows(target="kind", group="person")
    people = FRAME["person"].to_numpy()
    train, test = (set(people[part.numbers]) for part in (data.train, data.test))
    assert test
    assert not train & test
    assert data.groups is not None
    assert len(data.groups) == len(data.x_train)
    assert "person" not in [column.name for column in data.card]
    with pytest.raises(GlassnetError, match="has only one group"):
        rows(FRAME.assign(person="p"), target="kind", group="person")


def test_the_latest_rows_are_for_testing(tmp_path: Path) -> None:
    shuffled = FRAME.sample(frac=1, random_state=0)
    data = rows(shuffled, target="kind", time="day")
    days = shuffled["day"].to_numpy()
    assert data.in_order
    assert max(days[data.train.numbers]) < min(days[data.test.numbers])
    assert (np.diff(pd.to_datetime(days[data.train.numbers])) > np.timedelta64(0)).all()
    assert rows(shuffled, target="kind", time="size").in_order
    for options, words in (
        ({"time": "color"}, "color is '.*', neither a date nor a number"),
        ({"time": "day", "group": "person"}, "--time: splits the rows, and so does --group"),
        ({"time": "dax"}, "--time: unknown column 'dax'"),
    ):
        with pytest.raises(GlassnetError, match=words):
            rows(shuffled, target="kind", **options)


def test_the_preprocessing_sees_its_training_rows_only() -> None:
    data = rows(target="size")
    part = data.fitted(np.arange(30))
    fitted = FRAME["size"].to_numpy()[data.train.numbers[:30]]
    np.testing.assert_allclose(part.preprocessing.target.mean, fitted.mean())  # type: ignore[attr-defined]
    np.testing.assert_allclose(part.y_train[:30].mean(), 0, atol=1e-6)
    assert part.sha256 == data.sha256
    again = data.preprocessed(part.preprocessing)
    assert (again.x_train == part.x_train).all()


def test_held_out_rows_become_the_test_set() -> None:
    data = rows(target="size")
    fold = data.held_out(np.arange(50), np.arange(50, 80))
    assert (fold.train.numbers == data.train.numbers[:50]).all()
    assert (fold.test.numbers == data.train.numbers[50:]).all()
    assert fold.fitted(np.arange(50)).x_test.shape[0] == 30


def test_rows_without_a_target_are_left_out_with_a_warning(messages: list[str]) -> None:
    frame = FRAME.assign(kind=[None, "b"] + ["a", "b"] * 49)
    data = rows(frame, target="kind")
    assert len(data.x_train) + len(data.x_test) == 99
    assert "kind is missing in 1 row of 100, which is left out" in messages[1]
    with pytest.raises(GlassnetError, match="no row has the target 'kind'"):
        rows(FRAME.assign(kind=None), target="kind")


def test_the_card() -> None:
    card = {
        c.name: c for c in rows(FRAME.assign(size=[None] + [1.5, 2.5, 3] * 33), target="kind").card
    }
    assert [c.type for c in card.values()] == ["number", "category", "category", "date"]
    assert (card["size"].missing, card["size"].shape) == (1, (2,))
    assert card["color"].reason == "2 different values in 100 rows"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, r"can't tell which column is the target: there are size, color, person, day, kind\."),
        ({"target": "knd"}, "--target: unknown column 'knd'. Did you mean 'kind'"),
        ({"target": "kind", "drop": "x"}, "--drop: unknown column 'x'"),
        ({"target": "kind", "columns": {"x": "number"}}, "--column: unknown column 'x'"),
        ({"target": "kind", "drop": [*FRAME.columns[:4]]}, "no column to predict kind from"),
        ({"target": "kind", "task": "number"}, "--task: unknown task 'number'"),
        ({"target": "kind", "task": "numbers"}, "kind is 'a', not a number"),
        ({"target": ["kind", "color"]}, "'kind' holds neither numbers nor yes and no"),
    ],
)  # fmt: skip
def test_wrong_choices(options: dict[str, Any], words: str) -> None:
    with pytest.raises(GlassnetError, match=words):
        load(FRAME, **options)


def test_a_constant_target_and_what_is_not_a_table() -> None:
    with pytest.raises(GlassnetError, match=r"size is 2\.5 in all training rows"):
        load(FRAME.assign(size=2.5), target="size")
    with pytest.raises(GlassnetError, match="kind is 'a' in all training rows"):
        load(FRAME.assign(kind="a"), target="kind")
    with pytest.raises(GlassnetError, match=r"is a ndarray, not a name, a path or a table"):
        load(np.zeros((3, 3)))
