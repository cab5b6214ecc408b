"""Pooling, against values computed by hand."""

import numpy as np
import pytest

from glassnet.ops.pooling import (
    average_pooling,
    global_average_pooling,
    global_max_pooling,
    max_pooling,
)

ROW = np.array([3.0, 1, 2, 2, 5]).reshape(1, 5, 1)


def test_maxima_by_hand() -> None:
    y, back = max_pooling(ROW, (2,), (1,), ((0, 0),))
    assert y.ravel().tolist() == [3, 2, 2, 5]
    assert back(np.array([1.0, 10, 100, 1000]).reshape(1, 4, 1)).ravel().tolist() == [
        1, 0, 110, 0, 1000,
    ]  # fmt: skip


def test_of_equal_maxima_the_first_gets_the_gradient() -> None:
    x = np.zeros((1, 4, 4, 1))
    y, back = max_pooling(x, (2, 2), (2, 2), ((0, 0), (0, 0)))
    dx = back(np.ones_like(y))
    assert dx[0, :, :, 0].tolist() == [[1, 0, 1, 0], [0] * 4, [1, 0, 1, 0], [0] * 4]


def test_the_winner_of_more_cells_than_a_byte_counts() -> None:
    x = np.arange(300.0).reshape(1, 300, 1)
    _, back = max_pooling(x, (300,), (300,), ((0, 0),))
    np.testing.assert_array_equal(back(np.ones((1, 1, 1))), x == 299)


def test_no_maximum_lies_in_the_frame() -> None:
    y, back = max_pooling(ROW - 10, (3,), (3,), ((1, 1),))
    assert y.ravel().tolist() == [-7, -5]
    assert back(np.ones_like(y)).shape == ROW.shape


def test_the_frame_does_not_count_in_means() -> None:
    y, back = average_pooling(ROW, (3,), (2,), ((1, 1),))
    np.testing.assert_allclose(y.ravel(), [2, 5 / 3, 3.5])
    dx = back(np.array([2.0, 3, 4]).reshape(1, 3, 1))
    np.testing.assert_allclose(dx.ravel(), [1, 2, 1, 3, 2])


def test_masked_means_by_hand() -> None:
    x = np.array([[1.0, 2, 9], [7, 7, 7]])[..., None]
    mask = np.array([[True, True, False], [False] * 3])
    y, back = global_average_pooling(x, mask)
    assert y.ravel().tolist() == [1.5, 0]
    assert back(np.array([[4.0], [4.0]]))[..., 0].tolist() == [[2, 2, 0], [0, 0, 0]]


@pytest.mark.parametrize("keepdims", [False, True])
def test_of_equal_maxima_of_all_places_the_first_gets_the_gradient(keepdims: bool) -> None:
    x = np.array([1.0, 4, 4, 0]).reshape(1, 2, 2, 1)
    y, back = global_max_pooling(x, keepdims)
    assert y.shape == ((1, 1, 1, 1) if keepdims else (1, 1))
    assert back(np.full_like(y, 6)).ravel().tolist() == [0, 6, 0, 0]
