"""Selecting by integers and slices."""

import numpy as np

from glassnet.ops.indexing import get_item

X = np.arange(12.0).reshape(3, 4)


def test_what_is_left_out_has_gradient_0() -> None:
    y, back = get_item(X, (slice(None), slice(1, 4, 2)))
    np.testing.assert_array_equal(y, X[:, 1:4:2])
    np.testing.assert_array_equal(back(np.ones((3, 2))), [[0, 1, 0, 1]] * 3)


def test_an_integer_and_a_new_axis() -> None:
    y, back = get_item(X, (slice(None), -1, None))
    np.testing.assert_array_equal(y, X[:, -1:])
    np.testing.assert_array_equal(back(np.full((3, 1), 2.0)), [[0, 0, 0, 2]] * 3)
