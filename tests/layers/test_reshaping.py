"""Flatten."""

import numpy as np
import pytest

from glassnet.layers import Flatten


@pytest.mark.parametrize("shape", [(5,), (2, 3), (2, 3, 4), ()])
def test_rows_keep_their_numbers_in_order(shape: tuple[int, ...]) -> None:
    x = np.arange(4 * np.prod(shape, dtype=int), dtype=float).reshape(4, *shape)
    y, pullback = Flatten().forward({}, x)
    assert y.shape == (4, *Flatten().output_shape(shape))
    np.testing.assert_array_equal(y.ravel(), x.ravel())
    np.testing.assert_array_equal(pullback(y)[0], x)


def test_no_rows_stay_no_rows() -> None:
    assert Flatten().forward({}, np.zeros((0, 2, 3)))[0].shape == (0, 6)
