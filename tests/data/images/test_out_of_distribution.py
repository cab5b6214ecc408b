"""Garments are close to garments; digits, noise, textures and other photos are not."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data import Dataset
from glassnet.data.images.out_of_distribution import CELLS, OutOfDistributionDetector
from glassnet.data.images.preprocessing import Preprocessing
from glassnet.data.sources import digits

FASHION = Preprocessing(28, 28, 0.0, 255.0, "dark")


@pytest.fixture(scope="module")
def garments(fashion: Dataset) -> OutOfDistributionDetector:
    x, y = fashion.x_train, fashion.y_train
    return OutOfDistributionDetector.fitted(x[:8000], y[:8000], x[8000:10_000], 10, FASHION)


def test_most_garments_are_within(garments: OutOfDistributionDetector, fashion: Dataset) -> None:
    far = garments.distances(fashion.x_train[10_000:14_000], FASHION) > garments.threshold
    assert 0.004 < far.mean() < 0.02


def test_noise_and_textures_are_beyond(garments: OutOfDistributionDetector) -> None:
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:28, :28]
    noise = rng.integers(0, 256, (50, 28, 28))
    textures = [127 + 120 * np.sin(f * rows + g * columns) for f, g in rng.uniform(0.1, 2, (50, 2))]
    assert (garments.distances(noise, FASHION) > garments.threshold).all()
    assert (garments.distances(np.stack(textures), FASHION) > garments.threshold).mean() > 0.9


def test_the_distance_is_mahalanobis_to_the_nearest_class() -> None:
    rng = np.random.default_rng(0)
    pictures = Preprocessing(2, 2, 0.0, 1.0, "dark")
    x, y = rng.random((400, 2, 2)), np.arange(400) % 2
    x[y == 1] *= 0.1
    made = OutOfDistributionDetector.fitted(x, y, x, 2, pictures)
    z = np.sqrt(x.reshape(400, 4))
    means = np.stack([z[y == c].mean(axis=0) for c in (0, 1)])
    covariance = np.cov((z - means[y]).T, bias=True)
    gaps = z[:, None] - means
    wanted = np.sqrt(np.einsum("ncj,jk,nck->nc", gaps, np.linalg.inv(covariance), gaps).min(axis=1))
    np.testing.assert_allclose(made.distances(x, pictures), wanted, rtol=0.02)
    assert (made.distances(x, pictures) > made.threshold).sum() == 4  # 1% of 400


def test_range_and_ground_make_no_difference(
    garments: OutOfDistributionDetector, fashion: Dataset
) -> None:
    x = fashion.x_test[:50]
    light = Preprocessing(28, 28, -1.0, 1.0, "light")
    np.testing.assert_allclose(
        garments.distances(1 - x / 127.5, light), garments.distances(x, FASHION), rtol=1e-3
    )


@pytest.mark.parametrize("shape", [(3, 28), (28, 3), (8, 8), (30, 41)])
def test_pictures_of_any_size(shape: tuple[int, int]) -> None:
    rng, (height, width) = np.random.default_rng(0), shape
    pictures = Preprocessing(height, width, 0.0, 1.0, "dark")
    x, y = rng.random((300, *shape)), np.arange(300) % 3
    made = OutOfDistributionDetector.fitted(
        x, y, x, 4, pictures
    )  # the fourth class has no examples
    kinds = OutOfDistributionDetector.kinds(pictures, 4)
    assert made.means.shape == kinds["means"][0] == (4, min(CELLS, height) * min(CELLS, width))
    assert made.whitening.shape == kinds["whitening"][0]
    assert np.isfinite(made.distances(x, pictures)).all()


def test_constant_pixels(fashion: Dataset) -> None:
    """scikit-learn's digits: some corners are 0 in every image."""
    data = digits.digits()
    pictures = Preprocessing.fitted(data.x_train, objects=True)
    assert pictures
    made = OutOfDistributionDetector.fitted(data.x_train, data.y_train, data.x_test, 10, pictures)
    assert np.isfinite(made.distances(data.x_test, pictures)).all()


@pytest.mark.parametrize(
    "about", [None, {}, {"threshold": 1}, {"threshold": -1.0}, {"threshold": 1e40}]
)
def test_what_is_no_threshold(garments: OutOfDistributionDetector, about: object) -> None:
    with pytest.raises(GlassnetError, match="threshold"):
        OutOfDistributionDetector.read(
            about, {"means": garments.means, "whitening": garments.whitening}
        )


def test_arrays_that_are_meant_to_harm_make_no_picture_alike(
    garments: OutOfDistributionDetector,
) -> None:
    hostile = OutOfDistributionDetector(
        garments.means * np.float32(1e30), garments.whitening * 0 + np.float32(3e38), 16.0
    )
    far = hostile.distances(np.zeros((1, 28, 28)), FASHION)
    assert not (far <= hostile.threshold).any()
    assert np.isfinite(far).all()
