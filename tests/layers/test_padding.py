"""Zero padding and cropping."""

import numpy as np
import pytest

from glassnet import GlassnetError
from glassnet.core.registry import build, describe
from glassnet.layers import (
    CenterCrop,
    Cropping1D,
    Cropping2D,
    Cropping3D,
    Layer,
    ZeroPadding1D,
    ZeroPadding2D,
    ZeroPadding3D,
)
from glassnet.verify.cases.base import numbers


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (ZeroPadding1D(), (8, 3)),
        (ZeroPadding1D((2, 3)), (11, 3)),
        (Cropping1D(), (4, 3)),
        (Cropping1D((0, 5)), (1, 3)),
        (ZeroPadding2D(), (8, 7, 3)),
        (ZeroPadding2D((1, 2)), (8, 9, 3)),
        (ZeroPadding2D(((1, 2), (3, 0))), (9, 8, 3)),
        (Cropping2D(), (6, 5, 3)),
        (Cropping2D((1, 2)), (4, 1, 3)),
        (Cropping2D(((5, 0), (0, 1))), (1, 4, 3)),
        (ZeroPadding3D(), (8, 7, 6, 3)),
        (ZeroPadding3D((1, (0, 2), 3)), (8, 7, 10, 3)),
        (Cropping3D(), (4, 3, 2, 3)),
        (Cropping3D((2, 1, (0, 3))), (2, 3, 1, 3)),
    ],
)
def test_shapes(layer: Layer, shape: tuple[int, ...]) -> None:
    x = numbers(2, *(6, 5, 4)[: len(shape) - 1], 3)
    y, pullback = layer.forward({}, x)
    assert layer.output_shape(x.shape[1:]) == shape
    assert y.shape == (2, *shape)
    assert pullback(y)[0].shape == x.shape
    assert build("layer", describe(layer)) == layer


def test_cropping_takes_padding_off_again() -> None:
    x, widths = numbers(2, 4, 3, 1), ((1, 2), (0, 3))
    padded, _ = ZeroPadding2D(widths).forward({}, x)
    assert not padded[:, 0].any()
    np.testing.assert_array_equal(Cropping2D(widths).forward({}, padded)[0], x)


@pytest.mark.parametrize(("height", "width"), [(6, 5), (4, 3), (3, 2), (1, 1)])
def test_the_center(height: int, width: int) -> None:
    x = numbers(2, 6, 5, 3)
    y, pullback = CenterCrop(height, width).forward({}, x)
    top, left = (6 - height) // 2, (5 - width) // 2  # as in Keras
    center = np.s_[:, top : top + height, left : left + width]
    np.testing.assert_array_equal(y, x[center])
    dx, _ = pullback(y)
    np.testing.assert_array_equal(dx[center], y)
    assert np.count_nonzero(dx) == y.size


@pytest.mark.parametrize("size", [(7, 2), (2, 6)])
def test_a_smaller_image_has_no_such_center(size: tuple[int, int]) -> None:
    assert CenterCrop(*size).output_shape((7, 6, 3)) == (*size, 3)
    with pytest.raises(GlassnetError, match=r"can't crop 6 × 5 pixels to .* UpSampling2D"):
        CenterCrop(*size).output_shape((6, 5, 3))
