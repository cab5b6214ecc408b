"""Embedding: rows of a table, looked up by index."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.core.errors import GlassnetError
from glassnet.ops.embedding import lookup

TABLE = np.arange(8.0).reshape(4, 2)


def test_by_hand() -> None:
    y, pullback = lookup(TABLE, np.array([[3, 0, 3]]))
    assert y.tolist() == [[[6, 7], [0, 1], [6, 7]]]
    assert pullback(np.array([[[1.0, 2], [3, 4], [10, 20]]])).tolist() == [
        [3, 4], [0, 0], [0, 0], [11, 22],
    ]  # fmt: skip


@given(st.lists(st.integers(0, 3), max_size=30), st.sampled_from(["uint8", "int32", "int64"]))
def test_gradients_are_gathered_by_row(numbers: list[int], dtype: str) -> None:
    indices = np.array(numbers, dtype)
    dy = np.random.default_rng(0).standard_normal((len(numbers), 2)).astype(np.float32)
    y, pullback = lookup(TABLE.astype(np.float32), indices)
    one_hot = indices[:, None] == np.arange(4)
    assert y.shape == dy.shape
    assert pullback(dy).dtype == np.float32
    np.testing.assert_allclose(pullback(dy), one_hot.T.astype(np.float32) @ dy, atol=1e-5)


@pytest.mark.parametrize("index", [4, -1, 2**31 - 1, -(2**31)])
def test_an_index_out_of_range_is_an_error(index: int) -> None:
    with pytest.raises(GlassnetError, match=f"row {index} of a table that has rows 0 to 3"):
        lookup(TABLE, np.array([[0, index]], np.int32))


@pytest.mark.parametrize("index", [4, -1, 2**31 - 1, -(2**31)])
def test_under_xla_it_is_nan_and_touches_no_other_row(index: int) -> None:
    jax = pytest.importorskip("jax")

    def both(table, indices, dy):  # type: ignore[no-untyped-def]
        y, pullback = lookup(table, indices)
        return y, pullback(dy)

    indices = np.array([0, index, 0], np.int32)
    dy = np.array([[1.0, 2], [4, 8], [16, 32]], np.float32)
    y, gradient = jax.jit(both)(TABLE.astype(np.float32), indices, dy)
    assert np.isnan(y).tolist() == [[False] * 2, [True] * 2, [False] * 2]
    assert gradient.tolist() == [[17, 34], [0, 0], [0, 0], [0, 0]]
