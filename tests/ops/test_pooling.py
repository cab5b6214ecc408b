"""Pooling, against values computed by hand."""

import numpy as np
import pytest

from glassnet.ops.pooling import (
    adaptive_average_pooling,
    adaptive_max_pooling,
    average_pooling,
    global_average_pooling,
    global_max_pooling,
    max_pooling,
)
from glassnet.verify.cases.base import numbers

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


def test_adaptive_parts_by_hand() -> None:
    x = np.array([0.0, 1, 2, 9, 4, 5, 6]).reshape(1, 7, 1)  # parts: 0-1, 1-3, 3-5, 5-6
    y, back = adaptive_max_pooling(x, (4,))
    assert y.ravel().tolist() == [1, 9, 9, 6]
    assert back(np.array([1.0, 2, 3, 4]).reshape(y.shape)).ravel().tolist() == [0, 1, 0, 5, 0, 0, 4]
    y, back = adaptive_average_pooling(x, (4,))
    assert y.ravel().tolist() == [0.5, 4, 6, 5.5]
    assert back(np.array([2.0, 3, 6, 4]).reshape(y.shape)).ravel().tolist() == [1, 2, 1, 3, 2, 4, 2]


@pytest.mark.parametrize("length", [1, 5, 12, 28])
@pytest.mark.parametrize("size", [1, 4, 7, 30])
def test_adaptive_parts_reach_from_floor_to_ceiling(length: int, size: int) -> None:
    x = numbers(2, length, 3)
    bounds = [(p * length // size, -(-(p + 1) * length // size)) for p in range(size)]
    for op, reduced in ((adaptive_max_pooling, np.max), (adaptive_average_pooling, np.mean)):
        wanted = np.stack([reduced(x[:, a:b], axis=1) for a, b in bounds], axis=1)
        np.testing.assert_allclose(op(x, (size,))[0], wanted, rtol=1e-12)


def test_the_first_of_equal_values_gets_the_gradient() -> None:
    _, back = adaptive_max_pooling(np.zeros((1, 2, 4, 1)), (1, 2))
    assert back(np.ones((1, 1, 2, 1)))[0, :, :, 0].tolist() == [[1, 0, 1, 0], [0, 0, 0, 0]]
