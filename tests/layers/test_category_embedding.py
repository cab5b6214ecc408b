"""Embeddings of some columns of a matrix, by hand."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import items
from glassnet.layers import CategoryEmbedding

X = np.array([[0.5, 2, 9, 0], [1.5, 0, 8, 1], [2.5, 2, 7, 1]], np.float32)
A = np.array([[1, 2], [3, 4], [5, 6]], np.float32)  # of column 1
B = np.array([[-1], [-2]], np.float32)  # of column 3
LAYER = CategoryEmbedding((3, 1), (2, 3), (1, 2))
PARAMS = {"column_3": {"embeddings": B}, "column_1": {"embeddings": A}}


def test_vectors_follow_the_other_columns() -> None:
    y, pullback = LAYER.forward(PARAMS, X)
    assert y.tolist() == [[0.5, 9, -1, 5, 6], [1.5, 8, -2, 1, 2], [2.5, 7, -2, 5, 6]]
    dy = np.arange(15, dtype=np.float32).reshape(3, 5)
    dx, gradients = pullback(dy)
    assert dx.tolist() == [[0, 0, 1, 0], [5, 0, 6, 0], [10, 0, 11, 0]]
    assert gradients["column_3"]["embeddings"].tolist() == [[2], [7 + 12]]
    assert gradients["column_1"]["embeddings"].tolist() == [[8, 9], [0, 0], [3 + 13, 4 + 14]]


def test_shapes() -> None:
    assert LAYER.output_shape((4,)) == (5,)
    assert {path: weight.shape for path, weight in items(LAYER.weights((4,)))} == {
        "column_3/embeddings": (2, 1), "column_1/embeddings": (3, 2),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: CategoryEmbedding((), (), ()), "columns: needs one number for each"),
        (lambda: CategoryEmbedding((1, 2), (3,), (1, 1)), "sizes: needs one number for each"),
        (lambda: CategoryEmbedding((1, 1), (3, 3), (1, 1)), "a column is named twice"),
        (lambda: CategoryEmbedding((1,), (0,), (1,)), "CategoryEmbedding: sizes"),
        (lambda: LAYER.output_shape((3,)), "embeds column 3, but examples have the shape"),
        (lambda: LAYER.output_shape((4, 4)), "embeds column 3"),
        (lambda: LAYER.forward(PARAMS, X + 3), "looks up row"),
    ],
)
def test_errors(make: Callable[[], Any], words: str) -> None:
    with pytest.raises(GlassnetError, match=words):
        make()
