"""Preprocessed photos in a terminal and as a file."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from glassnet.core.errors import GlassnetError
from glassnet.plots.pixels import drawn, write_seen

PICTURE = np.array([[0.0, 0.3], [0.5, 1.0]])


def test_denser_is_brighter() -> None:
    assert drawn(PICTURE) == ["  ░░", "▒▒██"]
    assert len(drawn(np.zeros((28, 28)))) == 28
    large = drawn(np.ones((100, 300)))
    assert max(map(len, large)) <= 64


def test_side_by_side_in_a_file(tmp_path: Path) -> None:
    with Image.open(write_seen([PICTURE, PICTURE], tmp_path / "seen.png")) as picture:
        assert picture.size == (2 * 4 * 8, 4 * 8)
        values = np.asarray(picture)
    assert values[8, 8] == 0
    assert values[16, 16] == 255


def test_what_can_not_be_drawn(tmp_path: Path) -> None:
    with pytest.raises(GlassnetError, match="only images can be shown"):
        write_seen([], tmp_path / "seen.png")
    with pytest.raises(GlassnetError, match="must be a PNG"):
        write_seen([PICTURE], tmp_path / "seen.jpg")
