"""Folders of files: their layouts, and each fault with the name of the file."""

import os
import re
from pathlib import Path

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data import Texts, load
from glassnet.data.sources.folder_tree import files_below, state_of_folder
from glassnet.data.sources.folders import read_folder

CLASSES = {"cats/1.png": "", "cats/2.JPG": "", "dogs/1.png": "", "dogs/b/3.webp": ""}


def folder(place: Path, files: dict[str, str]) -> str:
    """A folder with these files; a path that ends in / is an empty folder."""
    for name, content in files.items():
        path = place / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_text(content)
    return str(place)


def in_parts(*parts: str) -> dict[str, str]:
    return {f"{part}/{name}": "" for part in parts for name in CLASSES}


def test_a_row_for_each_file_in_order(tmp_path: Path, messages: list[str]) -> None:
    hidden = {".DS_Store": "", "cats/Thumbs.db": "", "cats/._1.png": "", ".git/x/1.png": "",
              "README.md": "", "__MACOSX/cats/1.png": ""}  # fmt: skip
    table = read_folder(folder(tmp_path, CLASSES | hidden))
    assert table.columns == ["file", "label"]
    assert table.frame["file"].to_list() == sorted(CLASSES)
    assert table.frame["label"].to_list() == ["cats", "cats", "dogs", "dogs"]
    assert table.place(3) == f"{tmp_path}: file dogs/b/3.webp"
    assert messages == []


@pytest.mark.parametrize("names", [("train", "test"), ("Training", "VALID", "testing"),
                                   ("train", "val")])  # fmt: skip
def test_parts(tmp_path: Path, names: tuple[str, ...]) -> None:
    table = read_folder(folder(tmp_path, in_parts(*names)))
    split = table.frame["split"].to_list()
    known = {"VALID": "validation", "val": "validation", "Training": "train", "testing": "test"}
    assert split == [known.get(name, name) for name in names for _ in range(4)]
    assert table.frame["label"].to_list() == ["cats", "cats", "dogs", "dogs"] * len(names)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "contains no files"),
        ({"a/": "", "b/": ""}, "contains no files"),
        ({"1.png": "", "2.png": ""}, r"no folders of classes, only 2 files: '1.png', '2.png'"),
        ({"all/cats/1.png": "", "all/dogs/1.png": ""}, r"hold no files but folders.*give \S+/all"),
        ({"x/cats/1.png": "", "y/dogs/1.png": ""}, "level is wrong.*Are 'cats' the classes"),
        ({"cats/1.png": ""}, "pictures of only one class, 'cats'"),
        ({"images/1.png": "", "a.csv": ""}, r"names the files, give \S+/a.csv"),
        ({"cats/1.md": "", "dogs/1.heic": ""}, r"but \.md, \.heic\. These are read: \.jpg"),
        ({"cats/1.png": "", "dogs/1.wav": ""}, r"1 pictures and 1 audio clips \(such as dogs"),
        (in_parts("test"), "has the folder 'test', but no folder 'train'"),
        (in_parts("train", "cats"), "'train' and 'cats' side by side"),
        (in_parts("train", "val", "valid"), "2 folders for validation: 'val', 'valid'"),
        ({**in_parts("train"), "test/1.png": ""}, "test: has no folders of classes.*predict RUN"),
        ({**in_parts("train"), "test/birds/1.png": ""},
         "class 'birds' has no pictures for training, only such as test/birds/1.png"),
    ],
)  # fmt: skip
def test_faults(tmp_path: Path, files: dict[str, str], words: str) -> None:
    with pytest.raises(GlassnetError, match=words) as caught:
        read_folder(folder(tmp_path, files))
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"birds/": ""}, "the folder 'birds' is empty, and is not a class"),
        ({"birds/x/1.png": ""}, "the folder 'birds' has only folders in it"),
        ({"3.png": ""}, "1 file in no class folder is not read: '3.png'"),
        ({"cats/a.md": "", "cats/b.md": ""}, "2 files are not pictures, .*: 'cats/a.md', 'cats/b"),
    ],
)
def test_doubts(tmp_path: Path, files: dict[str, str], words: str, messages: list[str]) -> None:
    table = read_folder(folder(tmp_path, CLASSES | files))
    assert set(CLASSES) <= set(table.frame["file"])
    (message,) = messages
    assert message.startswith(f"warning: {tmp_path}: ")
    assert re.search(words, message)


def test_a_class_that_is_in_no_test(tmp_path: Path, messages: list[str]) -> None:
    read_folder(folder(tmp_path, {**in_parts("train", "test"), "train/birds/1.png": ""}))
    assert "class 'birds' has no pictures in test" in messages[0]


def test_links(tmp_path: Path) -> None:
    place = tmp_path / "data"
    folder(place, CLASSES)
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "9.png").touch()
    (place / "birds").symlink_to(tmp_path / "more")
    assert "birds/9.png" in read_folder(str(place)).frame["file"]
    (place / "dogs" / "up").symlink_to(place)
    with pytest.raises(GlassnetError, match=r"up/dogs.*: is a link to a folder above it"):
        read_folder(str(place))
    (place / "dogs" / "up").unlink()
    (place / "dogs" / "gone.png").symlink_to("nowhere.png")
    with pytest.raises(GlassnetError, match=r"gone\.png: is a link to 'nowhere.png', which does"):
        read_folder(str(place))


def test_a_class_that_reads_like_a_missing_value_is_refused_and_not_left_out(
    tmp_path: Path,
) -> None:
    with pytest.raises(GlassnetError, match="has the class 'none', which stands for a missing"):
        read_folder(folder(tmp_path, CLASSES | {"none/1.png": ""}))


def test_folders_in_one_another_without_end_are_refused(tmp_path: Path) -> None:
    place = folder(tmp_path, CLASSES)
    tmp_path.joinpath("cats", *("d",) * 70).mkdir(parents=True)
    with pytest.raises(GlassnetError, match="has more than 64 folders, one in another"):
        read_folder(place)


def test_state_and_files_of_a_kind(tmp_path: Path) -> None:
    place = folder(tmp_path, CLASSES | {"a.txt": "x"})
    before = state_of_folder(place)
    assert len(before) == 5
    assert files_below(place, "pictures") == [f"{place}/{name}" for name in sorted(CLASSES)]
    os.utime(tmp_path / "cats/1.png", (1, 1))
    assert state_of_folder(place) != before


def test_folders_of_texts_are_texts(tmp_path: Path) -> None:
    files = {
        f"{part}/{name}/{i}.txt": f"{words} {i}"
        for part, count in (("train", 6), ("val", 2), ("test", 1))
        for name, words in (("7", "fine words"), ("11", "other words"))
        for i in range(count)
    }
    data = load(folder(tmp_path, files))
    assert isinstance(data, Texts)
    assert data.class_names == ("7", "11")
    assert (len(data.texts_train), len(data.texts_test)) == (16, 2)
    assert data.validation_rows is not None
    assert [data.texts_train[row] for row in data.validation_rows] == [
        "other words 0", "other words 1", "fine words 0", "fine words 1"
    ]  # fmt: skip
    assert load(str(tmp_path)) is data
    (tmp_path / "train/7/0.txt").write_text("caf\xe9", encoding="latin-1")
    with pytest.raises(GlassnetError, match=r"train/7/0.txt: line 1 is not UTF-8"):
        load(str(tmp_path))
    (tmp_path / "train/7/0.txt").write_text(" ")
    with pytest.raises(GlassnetError, match=r"0.txt: is empty"):
        load(str(tmp_path))
    with pytest.raises(GlassnetError, match="--target: is for a table"):
        load(str(tmp_path), target="label")
