"""Transposed convolutions."""

import numpy as np
import pytest

from glassnet.core.registry import build, describe
from glassnet.layers import Conv1DTranspose, Conv2D, Conv2DTranspose
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


@pytest.mark.parametrize(
    ("size", "strides", "padding", "added", "length"),
    [  # Keras 3.15's lengths for 5 steps, on TensorFlow
        (2, 2, "same", 1, 9), (2, 3, "same", 2, 14), (2, 2, "valid", 0, 10), (2, 2, "valid", 1, 11),
        (3, 2, "same", 0, 9), (3, 2, "same", 1, 10), (3, 3, "same", 0, 13), (3, 3, "valid", 2, 17),
        (4, 2, "same", 1, 9), (4, 3, "same", 1, 13), (4, 3, "valid", 2, 18),
    ],
)  # fmt: skip
def test_output_padding(size: int, strides: int, padding: str, added: int, length: int) -> None:
    layer = Conv1DTranspose(2, size, strides, padding, output_padding=added)
    params, shape = layer.init(np.random.default_rng(0), (5, 3))
    assert shape == (length, 2)
    assert layer.forward(params, numbers(2, 5, 3))[0].shape == (2, length, 2)
    assert build("layer", describe(layer)) == layer


def test_files_without_output_padding_stay_as_they_are() -> None:
    assert "output_padding" not in describe(Conv2DTranspose(2, 3))


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
