"""Arrays of many files: computed once, bounded, and never wrong after a change."""

import os
import re
from pathlib import Path

import numpy as np
import pytest

from glassnet.core import mapped
from glassnet.core.errors import GlassnetError
from glassnet.data import cache
from glassnet.data.cache import digests, rows_of_files

COUNT = 100


class Reader:
    """Returns a file's first two bytes, and counts how often it is asked."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, path: str) -> np.ndarray:
        self.count += 1
        content = Path(path).read_bytes()
        if content == b"broken":
            raise GlassnetError("is broken.", where=path, fix="Repair it.")
        return np.frombuffer(content[:2], np.uint8)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the cache."""
    monkeypatch.setattr(mapped, "cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache" / "arrays"


@pytest.fixture
def paths(tmp_path: Path) -> list[str]:
    names = [tmp_path / f"{i}.bin" for i in range(COUNT)]
    for i, name in enumerate(names):
        name.write_bytes(bytes([i, 255 - i]))
    return list(map(str, names))


def rewritten(path: str, content: bytes) -> None:
    """Write another content whose time and size are those of the old one."""
    state = os.stat(path)
    Path(path).write_bytes(content)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def read(paths: list[str], reader: Reader, how: str = "bytes") -> np.ndarray:
    return rows_of_files(how, paths, (2,), "uint8", reader)


def test_files_are_read_once(folder: Path, paths: list[str]) -> None:
    reader = Reader()
    first = read(paths, reader)
    np.testing.assert_array_equal(first, [[i, 255 - i] for i in range(COUNT)])
    np.testing.assert_array_equal(read(paths, reader), first)
    assert reader.count == COUNT
    assert len([*folder.iterdir()]) == 1
    read(paths, reader, "otherwise")
    assert reader.count == 2 * COUNT
    Path(paths[3]).write_bytes(b"abc")
    assert read(paths, reader)[3].tolist() == [97, 98]
    os.utime(paths[3], (1, 1))
    read(paths, reader)
    assert reader.count == 2 * COUNT + 2  # only those that have changed


def test_other_lists_of_the_files_take_what_is_known(folder: Path, paths: list[str]) -> None:
    reader = Reader()
    whole = read(paths[:80], reader)
    part = read(paths[79:9:-1], reader)
    np.testing.assert_array_equal(part, whole[79:9:-1])
    assert reader.count == 80
    both = read([*paths[50:], *paths[:50], paths[3]], reader)
    np.testing.assert_array_equal(both[:, 0], [*range(50, COUNT), *range(50), 3])
    assert reader.count == COUNT
    reader.count = 0
    read(paths[:80], reader, "otherwise")
    assert reader.count == 80


def test_a_part_of_files_that_were_read_is_not_read_again(folder: Path, paths: list[str]) -> None:
    reader = Reader()
    whole = read(paths, reader)
    np.testing.assert_array_equal(read(paths[90:9:-1], reader), whole[90:9:-1])
    np.testing.assert_array_equal(read(paths[9:90], reader), whole[9:90])
    assert reader.count == COUNT
    assert len([*folder.iterdir()]) == 3  # another process finds them, too
    rewritten(paths[20], b"ab")
    assert read(paths[9:90], reader)[11].tolist() == [97, 98]
    assert reader.count == COUNT + 1
    read(paths[:80], reader, "otherwise")
    assert reader.count == COUNT + 1 + 80


def test_few_files_are_not_cached(folder: Path, paths: list[str]) -> None:
    assert read(paths[:5], Reader()).shape == (5, 2)
    assert read([], Reader()).shape == (0, 2)
    assert not folder.exists() or not [*folder.iterdir()]


def test_large_arrays_are_mapped(
    folder: Path, paths: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapped, "LARGE", 100)
    monkeypatch.setattr(cache, "LARGE", 100)
    assert mapped.is_mapped(read(paths, Reader()))
    monkeypatch.setattr(mapped, "cache_folder", lambda: Path("/proc/none"))
    reader = Reader()
    for _ in range(2):
        array = read(paths, reader)
        assert mapped.is_mapped(array)
        assert array[7].tolist() == [7, 248]
    assert reader.count == 2 * COUNT  # without a cache


def test_damaged_files_of_the_cache_are_written_again(folder: Path, paths: list[str]) -> None:
    reader = Reader()
    right = read(paths, reader)
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    for damaged in (b"", whole[:-1], b"x" * len(whole), whole[:40]):
        file.write_bytes(damaged)
        np.testing.assert_array_equal(read(paths, reader), right)
    assert file.read_bytes() == whole
    assert reader.count == 5 * COUNT


def test_broken_files_are_named_and_nothing_is_written(folder: Path, paths: list[str]) -> None:
    for number in (50, 51, 60, 70, 80, 90):
        Path(paths[number]).write_bytes(b"broken")
    with pytest.raises(GlassnetError) as caught:
        read(paths, Reader())
    assert re.search(r"50.bin: is broken\. 5 other files .*51.bin.* and 2 more", str(caught.value))
    assert not [*folder.iterdir()]
    with pytest.raises(GlassnetError, match=r"gone.*: can't be read: No such file"):
        read([*paths, "gone"], Reader())


def test_the_cache_is_bounded(
    folder: Path, paths: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 0
    for number in range(4):
        read(paths, Reader(), str(number))
        files = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime_ns)
        size = files[-1].stat().st_size
        os.utime(files[-1], (1000 + number, 1000 + number))
    assert len(files) == 4
    read(paths, Reader(), "0")  # in use again
    left = folder / ".x.npy.1.part"
    left.write_bytes(b"")
    os.utime(left, (1, 1))
    monkeypatch.setattr(cache, "LIMIT", 3 * size)
    read(paths, Reader(), "new")
    assert len([*folder.iterdir()]) == 3
    reader = Reader()
    for how in ("0", "3", "new"):
        read(paths, reader, how)
    assert reader.count == 0
    monkeypatch.setattr(cache, "LIMIT", 1)
    read(paths, Reader(), "largest")
    assert len([*folder.iterdir()]) == 1


def test_digests(folder: Path, paths: list[str]) -> None:
    import hashlib

    assert digests(paths)[3].tobytes() == hashlib.sha256(bytes([3, 252])).digest()


@pytest.mark.skipif(os.name == "nt", reason="no time of the inode")
def test_another_content_of_the_same_time_and_size_is_read(folder: Path, paths: list[str]) -> None:
    read(paths, Reader())
    rewritten(paths[3], b"\0\0")
    np.testing.assert_array_equal(read(paths, Reader())[3], [0, 0])
