"""Frames are removed, and nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.data.images.frames import unframed


def on_ground(ground: int, ink: int, size: int = 120) -> np.ndarray:
    """A round object with a tail, on a uniform background."""
    rows, columns = np.mgrid[:size, :size] / size - 0.5
    picture = np.full((size, size), float(ground), np.float32)
    picture[np.hypot(rows, columns) < 0.3] = ink
    picture[size // 2 :, size // 2] = ink
    return picture


@given(
    light=st.booleans(), noise=st.sampled_from([0.0, 3.0]),
    thick=st.tuples(*[st.integers(1, 25)] * 4),
)  # fmt: skip
def test_a_frame_is_left_out(light: bool, noise: float, thick: tuple[int, ...]) -> None:
    ground, ink = (255, 20) if light else (0, 230)
    inner = on_ground(ground, ink)
    framed = np.pad(inner, (thick[:2], thick[2:]), constant_values=255 - ground)
    framed += np.random.default_rng(0).normal(0, noise, framed.shape)
    found = unframed(framed)
    assert all(0 <= n - m <= 4 for n, m in zip(inner.shape, found.shape, strict=True))
    assert abs(found[0].mean() - ground) < 10


def test_frames_inside_each_other_are_left_out() -> None:
    picture = on_ground(255, 30)
    for thick, level in ((4, 0), (10, 255), (5, 128)):
        picture = np.pad(picture, thick, constant_values=level)
    assert 114 <= min(unframed(picture).shape) <= 120


@pytest.mark.parametrize("ground", [0, 255])
def test_without_a_frame_nothing_is_cut(ground: int) -> None:
    picture = np.pad(on_ground(ground, 128), 30, constant_values=ground)
    assert unframed(picture) is picture
    gradient = np.linspace(0, 255, 10_000).reshape(100, 100).astype(np.float32)
    assert unframed(gradient) is gradient


def test_a_square_object_is_no_picture_in_a_frame() -> None:
    bag = np.full((100, 100), 255.0, np.float32)
    bag[10:90, 10:90] = 30
    assert unframed(bag) is bag
