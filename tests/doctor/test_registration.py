"""Descriptors and the registration of two pictures, against definitions."""

import numpy as np
from scipy.fft import dctn
from scipy.ndimage import gaussian_filter

from glassnet.doctor.registration import descriptors, mirrored_descriptors, registered, thumbnails

RNG = np.random.default_rng(0)
SCENES = np.stack([gaussian_filter(RNG.normal(size=(60, 70, 3)), (3, 3, 0)) for _ in range(6)])
SCENES = (128 + 300 * SCENES).clip(0, 255).astype(np.uint8)


def test_a_descriptor_is_the_corner_of_the_cosine_transform() -> None:
    for pictures in (SCENES, SCENES[..., 0]):
        gray = pictures.astype(float).mean(axis=-1) if pictures.ndim == 4 else pictures
        corner = dctn(gray, axes=(1, 2), norm="ortho")[:, :8, :8].reshape(6, -1)[:, 1:]
        expected = corner / np.linalg.norm(corner, axis=1, keepdims=True)
        np.testing.assert_allclose(descriptors(pictures), expected, atol=2e-4)


def test_a_mirrored_descriptor_is_that_of_the_mirrored_picture() -> None:
    expected = descriptors(SCENES[:, :, ::-1])
    np.testing.assert_allclose(mirrored_descriptors(descriptors(SCENES)), expected, atol=1e-5)


def test_a_picture_without_contrast_is_like_no_other() -> None:
    flat = np.full((1, 20, 20), 255, np.uint8)
    assert np.abs(descriptors(flat) @ descriptors(SCENES[..., 0]).T).max() < 0.5


def test_a_thumbnail_has_the_means_of_areas() -> None:
    pictures = RNG.integers(0, 256, (2, 64, 96, 3), dtype=np.uint8)
    means = pictures.reshape(2, 32, 2, 32, 3, 3).mean(axis=(2, 4)).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(thumbnails(pictures), means, rtol=1e-5)
    small = pictures[:, :20, :24, 0]
    np.testing.assert_allclose(thumbnails(small)[:, 0], small, rtol=1e-5)
    assert thumbnails(pictures[:, :33, :50]).shape == (2, 3, 32, 32)


def test_a_brighter_crop_fits_and_another_picture_does_not() -> None:
    crops = 0.9 * SCENES[:, 2:58, 3:67].astype(np.float32) + 20
    from_crop = registered(thumbnails(crops), thumbnails(SCENES))
    assert (from_crop.distance < 0.12).all()
    np.testing.assert_allclose(from_crop.gain, 0.9, atol=0.05)
    assert (from_crop.worst_cell < 0.5).all()
    others = registered(thumbnails(crops), thumbnails(np.roll(SCENES, 1, axis=0)))
    assert (others.distance > 0.5).all()
    same = registered(thumbnails(SCENES), thumbnails(SCENES))
    np.testing.assert_allclose(same.worst_cell, 0, atol=1e-3)
    np.testing.assert_allclose(same.gain, 1, atol=1e-3)
