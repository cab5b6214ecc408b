"""Upsampling, computed by hand."""

import numpy as np
import pytest

from glassnet.ops.resampling import INTERPOLATIONS, interpolate_places, repeat_places

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


def test_bicubic_by_hand() -> None:
    impulse = np.array([0.0, 0, 0, 1, 0, 0, 0]).reshape(1, 7, 1)
    y, _ = interpolate_places(impulse, (2,), "bicubic")
    # Keys's kernel, a = -1/2, at the distances 1.75, 1.25, 0.75, 0.25
    side = [-0.0234375, -0.0703125, 0.2265625, 0.8671875]
    np.testing.assert_allclose(y.ravel()[3:11], [*side, *side[::-1]], atol=1e-12)
    assert not y.ravel()[:3].any()


@pytest.mark.parametrize("name", INTERPOLATIONS)
def test_a_constant_stays_constant(name: str) -> None:
    y, _ = interpolate_places(np.full((1, 5, 4, 1), 3.0), (3, 2), name)
    np.testing.assert_allclose(y, 3, rtol=1e-12)
