"""Upsampling, computed by hand."""

import numpy as np

from glassnet.ops.resampling import interpolate_places, repeat_places

X = np.array([0.0, 4]).reshape(1, 2, 1)


def test_repeated() -> None:
    y, back = repeat_places(X, (3,))
    assert y.ravel().tolist() == [0, 0, 0, 4, 4, 4]
    assert back(np.arange(6.0).reshape(1, 6, 1)).ravel().tolist() == [3, 12]


def test_interpolated() -> None:
    y, back = interpolate_places(X, (2,))
    assert y.ravel().tolist() == [0, 1, 3, 4]
    assert back(np.array([1.0, 4, 4, 1]).reshape(1, 4, 1)).ravel().tolist() == [5, 5]


def test_a_constant_stays_one() -> None:
    y, _ = interpolate_places(np.full((1, 3, 5, 2), 7.0), (3, 4))
    np.testing.assert_allclose(y, np.full((1, 9, 20, 2), 7.0), rtol=1e-12)
