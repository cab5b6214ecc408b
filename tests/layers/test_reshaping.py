"""Layers that only rearrange or repeat values."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import build, describe
from glassnet.layers import Flatten, Permute, RepeatVector, Reshape
from glassnet.verify.cases.base import numbers


@pytest.mark.parametrize("shape", [(5,), (2, 3), (2, 3, 4), ()])
def test_rows_keep_their_numbers_in_order(shape: tuple[int, ...]) -> None:
    x = np.arange(4 * np.prod(shape, dtype=int), dtype=float).reshape(4, *shape)
    y, pullback = Flatten().forward({}, x)
    assert y.shape == (4, *Flatten().output_shape(shape))
    np.testing.assert_array_equal(y.ravel(), x.ravel())
    np.testing.assert_array_equal(pullback(y)[0], x)


def test_no_rows_stay_no_rows() -> None:
    assert Flatten().forward({}, np.zeros((0, 2, 3)))[0].shape == (0, 6)
    assert Reshape((3, -1)).forward({}, np.zeros((0, 2, 3)))[0].shape == (0, 3, 2)


@pytest.mark.parametrize(
    ("target", "shape"),
    [((28, 28, 1), (28, 28, 1)), ((-1, 4), (196, 4)), ((-1,), (784,)), ((None, 4), (196, 4))],
)
def test_reshape(target: tuple[int, ...], shape: tuple[int, ...]) -> None:
    layer, x = Reshape(target), numbers(2, 28, 28)
    y, pullback = layer.forward({}, x)
    assert layer.output_shape((28, 28)) == shape
    assert y.shape == (2, *shape)
    np.testing.assert_array_equal(y.ravel(), x.ravel())
    assert pullback(y)[0].shape == x.shape
    assert build("layer", describe(layer)) == layer


def test_permute() -> None:
    layer, x = Permute((3, 1, 2)), numbers(2, 4, 5, 6)
    y, pullback = layer.forward({}, x)
    assert layer.output_shape((4, 5, 6)) == (6, 4, 5)
    np.testing.assert_array_equal(y, np.moveaxis(x, 3, 1))
    np.testing.assert_array_equal(pullback(y)[0], x)
    assert build("layer", describe(layer)) == layer


def test_repeat_vector() -> None:
    layer, x = RepeatVector(3), numbers(2, 4)
    y, pullback = layer.forward({}, x)
    assert layer.output_shape((4,)) == (3, 4)
    np.testing.assert_array_equal(y, np.stack([x, x, x], axis=1))
    np.testing.assert_allclose(pullback(y)[0], 3 * x)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Reshape((-1, -1)), "more than one -1"),
        (lambda: Reshape((-1, None)), "more than one -1"),
        (
            lambda: Flatten(data_format="channels_first"),
            r"Leave it out, and put Permute\(\(2, 3, 1",
        ),
        (lambda: Reshape((0, 3)), "Reshape: target_shape: must be a whole number ≥ 1"),
        (
            lambda: Reshape((5, -1)).output_shape((28, 28)),
            r"784 values do not fit into \(5, -1\). Give axes whose lengths multiply to 784",
        ),
        (lambda: Permute((0, 1)), "not a permutation of the axes"),
        (lambda: Permute((2, 1)).output_shape((4, 5, 6)), "Permute: orders 2 axes"),
        (lambda: RepeatVector(0), "RepeatVector: n: must be"),
        (lambda: RepeatVector(2).output_shape((3, 4)), r"vectors. Add Flatten\(\) first"),
    ],
)
def test_refusals(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        make()
