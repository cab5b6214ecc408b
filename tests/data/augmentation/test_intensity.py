"""Noise, brightness and contrast."""

import numpy as np
import pytest

from glassnet.data.augmentation import RandomBrightness, RandomContrast, RandomNoise
from tests.data.augmentation.given import KEY, pictures


def test_noise_has_its_share_of_the_data_s_deviation() -> None:
    x = pictures(200, 10, 10)
    noise = RandomNoise(0.1).inputs(x, KEY) - x
    assert noise.std() == pytest.approx(0.1 * x.std(), rel=0.02)
    assert noise.mean() == pytest.approx(0, abs=0.002 * float(x.std()))


def test_noise_suits_each_feature_of_a_table() -> None:
    x = np.random.default_rng(0).normal(0, [1.0, 100.0, 0.01], (5000, 3))
    noise = RandomNoise(0.5).inputs(x, KEY) - x
    np.testing.assert_allclose(noise.std(axis=0), 0.5 * x.std(axis=0), rtol=0.05)


def test_brightness_moves_all_pixels_alike_and_stays_in_the_range() -> None:
    x = np.full((50, 4, 4), 0.5, np.float32)
    x[0, 0, 0], x[1, 0, 0] = 0, 1
    moved = RandomBrightness(0.2).inputs(x, KEY)
    assert np.ptp(moved[2:], axis=(1, 2)).max() == pytest.approx(0, abs=1e-6)
    assert 0.15 < np.ptp(moved[2:, 0, 0]) <= 0.4
    assert moved.min() >= 0
    assert moved.max() <= 1


def test_contrast_keeps_the_mean() -> None:
    x = np.random.default_rng(0).uniform(0.4, 0.6, (50, 6, 6))
    x[0, 0, 0], x[0, 0, 1] = 0, 1
    found = RandomContrast(0.3).inputs(x, KEY)
    np.testing.assert_allclose(found[1:].mean(axis=(1, 2)), x[1:].mean(axis=(1, 2)), rtol=1e-6)
    ratio = found[1:].std(axis=(1, 2)) / x[1:].std(axis=(1, 2))
    assert 0.69 < ratio.min() < 0.8
    assert 1.2 < ratio.max() < 1.31
