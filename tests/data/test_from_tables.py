"""The last table is remembered until its file changes, doubts included."""

from pathlib import Path

import pytest
from PIL import Image

from glassnet.core.errors import GlassnetError
from glassnet.data import Rows, facts_of, from_tables, load

ROWS = "n,k,target\n" + "\n".join(f"{i},{'ab'[i % 2]},{i % 2}" for i in range(40)) + "\n,a,\n"


def test_a_file_is_read_once_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, messages: list[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(ROWS)
    count = []
    read = from_tables.read_table
    monkeypatch.setattr(
        from_tables, "read_table", lambda p, **options: count.append(p) or read(p, **options)
    )
    assert facts_of(path)[1] == "classes"
    assert messages == []  # of the first look
    first = load(path)
    second = load(path)
    assert first is second
    assert len(count) == 1
    assert [m for m in messages if "target is missing in 1 row" in m] == [messages[0]] * 2
    load(path, task="numbers")
    path.write_text(ROWS + "7,b,1\n")
    changed = load(path)
    assert isinstance(changed, Rows)
    assert len(changed.x_train) + len(changed.x_test) == 41
    assert len(count) == 3


def test_a_test_file_must_be_a_table(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(ROWS)
    with pytest.raises(GlassnetError, match=r"b\.npz: is not a table"):
        load(path, test_file="b.npz")


def test_folders_of_pictures_are_read_again_if_one_changes(tmp_path: Path) -> None:
    for part, count in (("train", 4), ("val", 2), ("test", 2)):
        for label in ("7", "11"):
            (tmp_path / part / label).mkdir(parents=True)
            for i in range(count):
                Image.new("L", (5, 4), 10 * i).save(tmp_path / part / label / f"{i}.png")
    first = load(str(tmp_path))
    assert isinstance(first, Rows)
    assert (first.kind, first.task, first.class_names) == ("images", "classes", ("7", "11"))
    assert (first.x_train.shape, first.x_test.shape) == ((12, 4, 5, 1), (4, 4, 5, 1))
    assert first.train.numbers[0] == "train/11/0.png"
    assert first.validation_rows is not None
    assert [first.train.numbers[row] for row in first.validation_rows] == [
        "val/11/0.png", "val/11/1.png", "val/7/0.png", "val/7/1.png"
    ]  # fmt: skip
    assert load(str(tmp_path)) is first
    Image.new("L", (5, 4), 99).save(tmp_path / "train/7/0.png")
    second = load(str(tmp_path), image_size=3)
    assert second.x_train.shape == (12, 3, 3, 1)
    assert second.sha256 != first.sha256
    (tmp_path / "train/7/1.png").write_bytes(b"no picture")
    with pytest.raises(GlassnetError, match=r"train/7/1\.png: is not an image"):
        load(str(tmp_path))


def test_pictures_that_a_table_names_are_read_again_if_one_changes(tmp_path: Path) -> None:
    for i in range(20):
        Image.new("L", (5, 4), 10 * i).save(tmp_path / f"{i}.png")
    table = tmp_path / "a.csv"
    table.write_text("file,label\n" + "".join(f"{i}.png,{'ab'[i % 2]}\n" for i in range(20)))
    first = load(table)
    assert load(table) is first
    for i in range(20):
        Image.new("L", (5, 4), 200).save(tmp_path / f"{i}.png")
    assert (load(table).x_train == 200).all()
    assert load(table).sha256 != first.sha256
