"""Flips and shifts move pixels, and create no new values."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.core.errors import GlassnetError
from glassnet.data.augmentation import RandomFlip, RandomShift
from glassnet.data.augmentation.shifting import crop
from tests.data.augmentation.given import KEY, keys, pictures


@given(st.integers(-3, 3), st.integers(-3, 3), st.sampled_from([0, 2]))
def test_a_shift_is_a_roll_with_what_rolls_in_filled(down: int, right: int, channels: int) -> None:
    x = pictures(4, channels=channels)
    rows, columns = (np.full(4, 3 - move, np.uint32) for move in (down, right))
    wanted = np.roll(x, (down, right), axis=(1, 2))
    for axis, move in ((1, down), (2, right)):
        new = np.arange(move) if move > 0 else np.arange(move, 0)
        wanted[(slice(None),) * axis + (new,)] = -5
    np.testing.assert_array_equal(crop(x, rows, columns, 3, -5.0), wanted)


def test_all_shifts_are_equally_likely() -> None:
    x = np.zeros((100, 9, 9), np.float32)
    x[:, 4, 4] = 1
    seen: Counter[tuple[int, int]] = Counter()
    for key in keys(50):
        _, rows, columns = np.nonzero(RandomShift(1).inputs(x, key))
        seen.update(zip((rows - 4).tolist(), (columns - 4).tolist(), strict=True))
    assert len(seen) == 9
    assert all(450 < count < 660 for count in seen.values())


@pytest.mark.parametrize(
    ("mode", "flipped"),
    [("horizontal", 0.5), ("vertical", 0.5), ("horizontal_and_vertical", 0.75)],
)
def test_half_are_flipped_along_each_axis_and_a_flip_undoes_itself(
    mode: str, flipped: float
) -> None:
    x = pictures(4000, 3, 3)
    once = RandomFlip(mode).inputs(x, KEY)
    assert (once != x).any(axis=(1, 2)).mean() == pytest.approx(flipped, abs=0.03)
    np.testing.assert_array_equal(RandomFlip(mode).inputs(once, KEY), x)


def test_refusals() -> None:
    with pytest.raises(GlassnetError, match="Did you mean 'horizontal'"):
        RandomFlip("horizontale")
    with pytest.raises(GlassnetError, match="whole number ≥ 1, got 0"):
        RandomShift(0)
    with pytest.raises(GlassnetError, match=r"7 pixels would move all .* fewer than 7"):
        RandomShift(7).check((9, 7))
