"""Merging ops: cases beyond those of the common table."""

import numpy as np

from glassnet.ops.merging import maximum, multiply


def test_of_equal_numbers_the_first_gets_the_gradient() -> None:
    _, back = maximum(np.array([1.0, 2.0]), np.array([1.0, 1.0]), np.array([1.0, 3.0]))
    found = back(np.array([5.0, 7.0]))
    np.testing.assert_array_equal(np.stack(found), [[5, 0], [0, 0], [0, 7]])


def test_a_factor_of_zero_still_gets_its_gradient() -> None:
    y, back = multiply(np.array([0.0]), np.array([3.0]), np.array([2.0]))
    np.testing.assert_array_equal(y, [0])
    np.testing.assert_array_equal(np.concatenate(back(np.array([1.0]))), [6, 0, 0])
