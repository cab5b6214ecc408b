"""Conv2DTranspose."""

import numpy as np
import pytest

from glassnet.layers import Conv2D, Conv2DTranspose
from glassnet.verify.cases.base import numbers


@pytest.mark.parametrize(
    ("size", "strides", "padding", "shape"),
    [
        (3, 1, "valid", (6, 7)),
        (3, 1, "same", (4, 5)),
        (3, 2, "valid", (9, 11)),
        (3, 2, "same", (8, 10)),
        (1, 3, "valid", (12, 15)),  # max(1, 3): room for the whole last stride, as in Keras
        ((2, 5), (2, 1), "same", (8, 5)),
    ],
)
def test_output_shapes(size: int, strides: int, padding: str, shape: tuple[int, int]) -> None:
    layer = Conv2DTranspose(6, size, strides, padding)
    params, found = layer.init(np.random.default_rng(0), (4, 5, 3))
    assert found == (*shape, 6)
    assert params["kernel"].shape[2:] == (6, 3)
    assert layer.forward(params, numbers(2, 4, 5, 3))[0].shape == (2, *found)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", [1, 2])
def test_it_is_the_adjoint_of_a_convolution(strides: int, padding: str) -> None:
    narrow = Conv2D(4, 3, strides, padding, use_bias=False)
    wide = Conv2DTranspose(2, 3, strides, padding, use_bias=False)
    kernel, x = numbers(3, 3, 2, 4), numbers(1, 3, 4, 4)
    y, _ = wide.forward({"kernel": kernel}, x)
    z = numbers(*y.shape)
    forth, _ = narrow.forward({"kernel": kernel}, z)
    np.testing.assert_allclose(np.vdot(forth, x), np.vdot(z, y), rtol=1e-12)
