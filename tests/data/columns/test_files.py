"""Columns of paths in tables: which are pictures, and which file is missing."""

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from glassnet.core.errors import GlassnetError
from glassnet.data import Dataset, Rows, load
from glassnet.data.columns.files import type_of_paths

COUNT = 40


@pytest.fixture
def frame(tmp_path: Path) -> pl.DataFrame:
    """A table of pictures whose brightness is their class, in a file beside them."""
    (tmp_path / "pics").mkdir()
    paths = [f"pics/{i}.png" for i in range(COUNT)]
    for i, path in enumerate(paths):
        Image.fromarray(np.full((6, 5, 3), 200 * (i % 2) + i, np.uint8)).save(tmp_path / path)
    return pl.DataFrame({"picture": paths, "kind": ["dark", "light"] * (COUNT // 2)})


def read(tmp_path: Path, frame: pl.DataFrame, **options: object) -> Rows:
    frame.write_csv(tmp_path / "a.csv")
    data: Dataset = load(tmp_path / "a.csv", target="kind", **options)  # type: ignore[arg-type]
    assert isinstance(data, Rows)
    return data


def test_types_of_paths() -> None:
    for cells, expected in (
        (["a.png", "b/c.JPG"], "image"), (["a.wav", "b.ogg"], "audio"), (["a.png", "a.wav"], None),
        (["a"], None), ([], None), (["a.png"] * 30 + ["?"], "image"), (["a.txt"], None),
    ):  # fmt: skip
        assert type_of_paths(pl.Series(cells, dtype=pl.String)) == expected


def test_a_table_of_pictures(tmp_path: Path, frame: pl.DataFrame) -> None:
    data = read(tmp_path, frame)
    assert data.kind == "images"
    assert data.x_train.shape == (32, 6, 5, 3)
    assert data.card[0].type == "image"
    assert data.card[0].reason == "paths of pictures: .png"
    first = data.train.numbers[0] - 2
    assert (data.x_train[0] == 200 * (first % 2) + first).all()
    assert read(tmp_path, frame, image_size="8x4").x_test.shape == (8, 4, 8, 3)
    assert read(tmp_path, frame, image_size=8).x_test.shape == (8, 8, 8, 3)
    other = frame.with_columns(size=pl.Series(np.random.default_rng(0).normal(size=COUNT)))
    mixed = read(tmp_path, other)
    assert mixed.kind == "mixed"
    assert [array.shape[1:] for array in mixed.x_train] == [(1,), (6, 5, 3)]


def test_paths_start_from_the_table_s_folder(
    tmp_path: Path, frame: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = read(tmp_path, frame)
    absolute = frame.with_columns(picture=pl.lit(f"{tmp_path}/") + pl.col("picture"))
    monkeypatch.chdir("/")
    assert read(tmp_path, absolute).sha256 == data.sha256
    assert load(absolute, target="kind").sha256 == data.sha256
    monkeypatch.chdir(tmp_path)
    assert load(frame, target="kind").sha256 == data.sha256


def test_the_hash_is_that_of_the_contents(tmp_path: Path, frame: pl.DataFrame) -> None:
    before = read(tmp_path, frame).sha256
    os.rename(tmp_path / "pics", tmp_path / "other")
    moved = frame.with_columns(pl.col("picture").str.replace("pics", "other"))
    assert read(tmp_path, moved).sha256 == before
    Image.fromarray(np.zeros((6, 5, 3), np.uint8)).save(tmp_path / "other/7.png")
    assert read(tmp_path, moved).sha256 != before


def test_missing_files(tmp_path: Path, frame: pl.DataFrame, messages: list[str]) -> None:
    for name in ("3", "5", "30"):
        (tmp_path / f"pics/{name}.png").unlink()
    words = r"line 5: picture is 'pics/3.png', and there is no such file \(2 more such rows\)"
    with pytest.raises(GlassnetError, match=words):
        read(tmp_path, frame)
    empty = frame[6:20].with_columns(
        picture=pl.when(pl.int_range(14) == 4).then(None).otherwise("picture")
    )
    with pytest.raises(GlassnetError, match="line 6: picture is missing: there is no picture"):
        read(tmp_path, empty)
    gone = frame.with_columns(
        picture=pl.lit("gone/") + pl.col("picture"), size=pl.Series(np.arange(COUNT) % 7)
    )
    assert read(tmp_path, gone).kind == "table"
    assert "names pictures, such as 'gone/pics/0.png', of which none is there" in messages[0]
    with pytest.raises(GlassnetError, match=r"line 2: picture is 'gone/pics/0.png'"):
        read(tmp_path, gone, columns={"picture": "image"})
    with pytest.raises(GlassnetError, match="--image-size: is for pictures; there are none"):
        read(tmp_path, gone, image_size=8)
    with pytest.raises(GlassnetError, match="--image-size: can't be '8x'"):
        read(tmp_path, frame[6:20], image_size="8x")
