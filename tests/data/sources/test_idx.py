"""The IDX reader accepts valid files and reports what is wrong with others."""

import gzip
import hashlib
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.core.errors import GlassnetError
from glassnet.data.sources.idx import read_idx
from tests.data.conftest import idx_bytes

IMAGES = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)
RIGHT = idx_bytes(IMAGES)
PACKED = gzip.compress(
    RIGHT, mtime=0
)  # no timestamp, so that test ids are the same in every process


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_round_trip(tmp_path: Path, pack: type[bytes]) -> None:
    path = tmp_path / "images"
    path.write_bytes(pack(RIGHT))
    read = read_idx(path, (5, 4, 3), hashlib.sha256(RIGHT).hexdigest())
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, IMAGES)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "too short: 0 bytes"),
        (RIGHT[:10], "too short: 10 bytes"),
        (b"\x89PNG" + RIGHT, "starts with 0x89504e47, not with 0x00000803"),
        (idx_bytes(IMAGES[0]), "starts with 0x00000802"),
        (idx_bytes(IMAGES[:4]), r"declares the shape \(4, 4, 3\), not \(5, 4, 3\)"),
        (RIGHT[:-1], "ends after 59 of 60 bytes"),
        (RIGHT + b"\0", "continues after the 60 bytes"),
        (PACKED[:-12], "damaged or truncated"),
        (PACKED[:20], "damaged or truncated"),
        (PACKED + b"rest", "damaged or truncated"),
        (RIGHT[:-1] + b"\0", "differ from the published ones"),
    ],
)
def test_wrong_files(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "images.gz"
    path.write_bytes(data)
    with pytest.raises(GlassnetError, match=words) as caught:
        read_idx(path, (5, 4, 3), hashlib.sha256(RIGHT).hexdigest())
    assert caught.value.where == str(path)
    assert caught.value.fix


@given(place=st.integers(0, 8 * len(RIGHT) - 1))
def test_any_flipped_bit_is_found(tmp_path_factory: pytest.TempPathFactory, place: int) -> None:
    data = bytearray(RIGHT)
    data[place // 8] ^= 1 << place % 8
    path = tmp_path_factory.getbasetemp() / "flipped"
    path.write_bytes(data)
    with pytest.raises(GlassnetError):
        read_idx(path, (5, 4, 3), hashlib.sha256(RIGHT).hexdigest())


@given(place=st.integers(0, 8 * len(PACKED) - 1))
def test_any_flipped_bit_of_a_gz_is_found_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, place: int
) -> None:
    data = bytearray(PACKED)
    data[place // 8] ^= 1 << place % 8
    path = tmp_path_factory.getbasetemp() / "flipped.gz"
    path.write_bytes(data)
    try:
        read = read_idx(path, (5, 4, 3), hashlib.sha256(RIGHT).hexdigest())
    except GlassnetError:
        return
    np.testing.assert_array_equal(read, IMAGES)  # for example, the timestamp


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(RIGHT + bytes(200_000_000), compresslevel=1))
    tracemalloc.start()
    try:
        with pytest.raises(GlassnetError, match="continues after the 60 bytes"):
            read_idx(path, (5, 4, 3))
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(GlassnetError, match="No such file"):
        read_idx(tmp_path / "none", (5, 4, 3))
    with pytest.raises(GlassnetError, match="Is a directory"):
        read_idx(tmp_path, (5, 4, 3))
