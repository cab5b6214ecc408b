"""Duplicate examples: hashes are equal if and only if the examples are."""

import numpy as np
import pytest

from glassnet.doctor import Part


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
