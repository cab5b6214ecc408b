"""Rows of arrays in files: views, copies and further files, with equal values."""

from pathlib import Path

import numpy as np
import pytest

from glassnet.core import mapped
from glassnet.core.errors import GlassnetError
from glassnet.core.mapped import is_mapped, rows_of


@pytest.fixture
def array(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    monkeypatch.setattr(mapped, "LARGE", 1000)
    monkeypatch.setattr(mapped, "_BLOCK", 100)
    np.save(tmp_path / "a.npy", np.arange(3000, dtype=np.int16).reshape(300, 10))
    return np.load(tmp_path / "a.npy", mmap_mode="r")


def test_what_is_mapped(array: np.ndarray) -> None:
    assert is_mapped(array)
    assert is_mapped(np.asarray(array))
    assert is_mapped(np.asarray(array)[5:])
    assert not is_mapped(array[:49])  # small
    assert not is_mapped(np.array(array))
    assert not is_mapped(None)


@pytest.mark.parametrize("rows", [
    np.arange(5, 200), slice(5, 200), np.arange(300) % 7 > 0, np.arange(0, 300, 2),
    np.array([3, 1]), np.array([], int), np.arange(299, -1, -1), 7, np.int64(7),
])  # fmt: skip
def test_rows_have_the_same_values(array: np.ndarray, rows: object) -> None:
    chosen = rows_of(array, rows)
    np.testing.assert_array_equal(chosen, np.array(array)[rows])
    assert is_mapped(chosen) == (chosen.nbytes >= 1000)
    np.testing.assert_array_equal(rows_of(np.array(array), rows), chosen)


def test_rows_that_follow_one_another_are_a_view(array: np.ndarray) -> None:
    assert np.shares_memory(rows_of(array, np.arange(7, 99)), array)


def test_rows_of_rows(array: np.ndarray) -> None:
    half = rows_of(array, np.arange(0, 300, 2))
    assert is_mapped(half)
    np.testing.assert_array_equal(rows_of(half, np.arange(149, -1, -1)), np.array(array)[298::-2])


def test_what_was_written_to_a_private_copy_stays(tmp_path: Path, array: np.ndarray) -> None:
    private = np.load(tmp_path / "a.npy", mmap_mode="c")
    private[4] = -1
    assert (rows_of(private, np.arange(0, 300, 2))[2] == -1).all()
    assert (private[4] == -1).all()


def test_a_full_disk(array: np.ndarray) -> None:
    def rows() -> object:
        yield array[:1]
        raise OSError(28, "No space left on device")

    with pytest.raises(GlassnetError, match=r"can't be written: No space left.*Free some space"):
        mapped.without_a_name(rows(), (1, 10), array.dtype)  # type: ignore[arg-type]


def test_a_cache_that_can_t_be_written(array: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapped, "cache_folder", lambda: Path("/proc/none"))
    assert mapped.arrays_folder() is None
    np.testing.assert_array_equal(rows_of(array, np.arange(0, 300, 2)), np.array(array)[::2])
