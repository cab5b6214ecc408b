"""Images sampled at other positions, by hand."""

import numpy as np

from glassnet.ops.sampling import adjust_images, affine_sample, flip_images

X = np.arange(4.0).reshape(1, 1, 4, 1)


def test_positions_between_pixels_are_interpolated() -> None:
    shifted = np.array([[[1.0, 0, 0], [0, 1, 0.25]]])
    y, back = affine_sample(X, shifted, "nearest")
    np.testing.assert_allclose(y.ravel(), [0.25, 1.25, 2.25, 3])
    np.testing.assert_allclose(back(np.ones_like(X)).ravel(), [0.75, 1, 1, 1.25])
    y, _ = affine_sample(X, shifted, "nearest", "nearest")
    assert y.ravel().tolist() == [0, 1, 2, 3]


def test_edges_reflect_with_the_edge_pixel_twice() -> None:
    y, _ = affine_sample(X, np.array([[[1.0, 0, 0], [0, 1, -2]]]), "reflect")
    assert y.ravel().tolist() == [1, 0, 0, 1]


def test_flips_and_adjustments() -> None:
    x = np.concatenate([X, X])
    y, _ = flip_images(x, np.array([True, False]), (2,))
    assert y[..., 0].reshape(2, 4).tolist() == [[3, 2, 1, 0], [0, 1, 2, 3]]
    y, back = adjust_images(X, np.array([2.0]), np.array([0.5]), 0, 4)
    assert y.ravel().tolist() == [0, 1, 3, 4]
    np.testing.assert_allclose(back(np.ones_like(X)).ravel(), [-0.5, 1.5, 1.5, -0.5])
