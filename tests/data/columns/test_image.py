"""The size and the channels of a column of pictures."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image as Pillow

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import build, describe
from glassnet.data.columns.image import Image, size_of


def paths(folder: Path, *shapes: tuple[int, ...]) -> pl.Series:
    files = []
    for number, shape in enumerate(shapes):
        files.append(str(folder / f"{number}.png"))
        Pillow.fromarray(np.full(shape, 7 * number, np.uint8)).save(files[-1])
    return pl.Series("picture", files)


@pytest.mark.parametrize(
    ("size", "shapes", "expected"),
    [
        ("", [(12, 9, 3)] * 2, (12, 9, 3)),
        ("", [(12, 9)] * 2, (12, 9, 1)),
        ("", [(12, 9), (12, 9, 3)], (12, 9, 3)),
        ("", [(12, 9), (9, 12)], (64, 64, 1)),
        ("", [(65, 9)] * 2, (64, 64, 1)),
        ("32", [(12, 9)] * 2, (32, 32, 1)),
        ("32x24", [(12, 9, 3)] * 2, (24, 32, 3)),
    ],
)
def test_fitted(
    tmp_path: Path, size: str, shapes: list[tuple[int, ...]], expected: tuple[int, ...]
) -> None:
    values = paths(tmp_path, *shapes)
    column = Image.fitted("picture", "why", size, values)
    assert column.shape == expected
    x = column.encoded(values)
    assert (x.dtype, x.shape) == (np.dtype("uint8"), (2, *expected))
    assert [*x[:, 0, 0, 0]] == [0, 7]
    assert build("column", describe(column)) == column


def test_a_row_without_a_file(tmp_path: Path) -> None:
    values = paths(tmp_path, (4, 4), (4, 4))
    with pytest.raises(GlassnetError, match="row 1 names no file"):
        Image.fitted("picture", "", "", values.set(pl.Series([False, True]), None))


@pytest.mark.parametrize("text", ["", "x", "0", "64x", "x64", "64x0", "-1", "6.5", "5000", "8x8x8"])
def test_wrong_sizes(text: str) -> None:
    with pytest.raises(GlassnetError, match="--image-size"):
        size_of(text)


@pytest.mark.parametrize("change", [{"height": 0}, {"width": 5000}, {"channels": 2},
                                    {"height": 8.0}, {"channels": "3"}])  # fmt: skip
def test_model_files_are_not_trusted(change: dict[str, object]) -> None:
    values = describe(Image("a", "", False, 8, 8, 3))
    with pytest.raises(GlassnetError):
        build("column", values | change)
