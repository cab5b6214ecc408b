"""Rotation and zoom: multiples of 90° are exact; between pixels, they are bilinear."""

import numpy as np
import pytest
from scipy.ndimage import rotate

from glassnet.core.errors import GlassnetError
from glassnet.data.augmentation import RandomRotation, RandomZoom
from glassnet.data.augmentation.resampling import _rotations, resample
from tests.data.augmentation.given import KEY, pictures

ONE = 1 << 16


def matrix(*rows: list[float]) -> np.ndarray:
    return np.round(np.array([rows]) * ONE).astype(np.int32)


@pytest.mark.parametrize("channels", [0, 3])
def test_no_turn_and_quarter_turns_are_exact(channels: int) -> None:
    x = pictures(1, 8, 8, channels)
    np.testing.assert_array_equal(resample(x, matrix([1, 0], [0, 1]), 0.0), x)
    quarter = resample(x, matrix([0, 1], [-1, 0]), 0.0)
    assert any(np.array_equal(quarter, np.rot90(x, turns, axes=(1, 2))) for turns in (1, 3))


@pytest.mark.parametrize("degrees", [-20, 5, 45])
def test_a_turn_is_scipy_s(degrees: float) -> None:
    smooth = np.outer(np.hanning(15), np.hanning(15))[None]
    angle = degrees / 360
    table = _rotations((angle - 1e-9, angle + 1e-9))[:1]
    wanted = rotate(smooth[0], degrees, reshape=False, order=1)
    np.testing.assert_allclose(resample(smooth, table, 0.0)[0], wanted, atol=0.02)


def test_a_zoom_out_shows_the_fill_around() -> None:
    x = np.ones((1, 8, 8), np.float32)
    half = resample(x, matrix([2, 0], [0, 2]), 7.0)
    np.testing.assert_array_equal(half[0, 3:5, 3:5], 1)
    np.testing.assert_array_equal(half[0, 0], 7)


def test_angles_lie_in_the_range() -> None:
    table = _rotations((-0.05, 0.05))
    angles = np.degrees(np.arctan2(table[:, 0, 1], table[:, 0, 0]))
    assert np.abs(angles).max() == pytest.approx(18, abs=0.1)
    assert angles.mean() == pytest.approx(0, abs=0.1)


def test_one_axis_may_be_zoomed_for_itself() -> None:
    x = pictures(32, 9, 9)
    rows_only = RandomZoom(0.0, 0.3).inputs(x, KEY)
    assert (rows_only != x).any()
    np.testing.assert_allclose(rows_only[:, :, 4], x[:, :, 4], rtol=1e-5)  # the middle column


def test_refusals() -> None:
    with pytest.raises(GlassnetError, match="RandomRotation: factor must be a number from -1 to 1"):
        RandomRotation(3)
    with pytest.raises(GlassnetError, match="at most 4096 pixels"):
        RandomRotation().check((5000, 5000))
