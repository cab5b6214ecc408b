"""Duplicate examples: hashes are equal if and only if the examples are."""

from pathlib import Path

import numpy as np
import pytest

from glassnet.doctor import Part
from glassnet.runs.doctor import diagnose_settings
from glassnet.runs.settings import choose


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64", "int16", "bool"])
def test_only_equal_rows_have_equal_hashes(dtype: str) -> None:
    x = np.random.default_rng(0).integers(0, 2, (3000, 5, 7)).astype(dtype)
    x[17] = x[3]
    x[2500] = x[3]
    part = Part(x, np.zeros(3000), "x")
    assert np.flatnonzero(part.originals != np.arange(3000)).tolist() == [17, 2500]
    assert part.originals[[17, 2500]].tolist() == [3, 3]


def test_signs_and_multiple_inputs_count() -> None:
    x = np.ones((4, 2), np.float32)
    x[1], x[2, 0] = -1, -1
    y = np.zeros(4)
    assert Part(x, y, "x").originals.tolist() == [0, 1, 2, 0]
    assert Part((x, np.arange(4)), y, "x").originals.tolist() == [0, 1, 2, 3]
    assert Part(x, y, "x", texts=["a", "b", "a", "c"]).originals.tolist() == [0, 1, 0, 3]


def findings_of(folder: Path, x: np.ndarray, y: np.ndarray) -> str:
    """The doctor's findings on this training set, with a test set of other rows."""
    other = np.random.default_rng(9).integers(0, 200, (40, *x.shape[1:])).astype(x.dtype)
    path = folder / "data.npz"
    np.savez(path, x_train=x, y_train=y, x_test=other, y_test=np.arange(40) % (1 + y.max()))
    return "\n".join(map(str, diagnose_settings(choose(str(path), "numbers"))))


def test_copies_are_seen_beyond_half_of_the_rows(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 200, (400, 10, 10)).astype(np.uint8)
    x[:320] = 0
    assert "rows have such a conflict" in findings_of(tmp_path, x, np.arange(400) % 3)
    columns = rng.normal(size=(120, 4)).astype(np.float32)
    four = findings_of(
        tmp_path, np.tile(columns, (4, 1)), np.tile(columns[:, 0] > 0, 4).astype(int)
    )
    assert "312 of 432 rows are duplicates of others" in four


@pytest.mark.parametrize("values", [2, 32])
def test_few_different_rows_recur_by_chance(tmp_path: Path, values: int) -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(0, values, (400, 1 if values > 2 else 5)).astype(np.float32)
    assert "duplicates" not in findings_of(tmp_path, x, (x[:, 0] > 0).astype(int))
