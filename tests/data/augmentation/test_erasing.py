"""Random erasing changes one box, and nothing else."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data.augmentation import RandomErasing
from tests.data.augmentation.given import KEY, keys, pictures


def test_what_is_erased_is_one_box() -> None:
    x = pictures(200, 20, 16)
    erased = RandomErasing(1.0).inputs(x, KEY) != x
    for one in erased:
        rows, columns = np.nonzero(one)
        height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
        assert one.sum() == height * width
        assert 0.01 < height * width / one.size < 0.4


def test_areas_and_places_are_spread_evenly() -> None:
    x = np.ones((500, 28, 28), np.float32)
    erased = np.concatenate([RandomErasing(1.0).inputs(x, key) == 0 for key in keys(8)])
    shares = erased.mean(axis=(1, 2))
    assert shares.mean() == pytest.approx(0.175, abs=0.01)
    center = erased.mean(axis=0)
    np.testing.assert_allclose(center, center[::-1], atol=0.05)
    np.testing.assert_allclose(center, center[:, ::-1], atol=0.05)


@pytest.mark.parametrize("probability", [0.0, 0.25, 1.0])
def test_so_many_pictures_are_erased(probability: float) -> None:
    x = pictures(2000, 8, 8)
    touched = (RandomErasing(probability).inputs(x, KEY) != x).any(axis=(1, 2))
    assert touched.mean() == pytest.approx(probability, abs=0.03)


def test_refusals() -> None:
    with pytest.raises(GlassnetError, match="probability must be a number from 0 to 1, got 2"):
        RandomErasing(2)
    with pytest.raises(GlassnetError, match="scale must be two numbers"):
        RandomErasing(scale=0.3)  # type: ignore[arg-type]
