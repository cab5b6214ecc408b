"""The fully connected layer."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import Dense
from glassnet.layers.initializers import Constant
from glassnet.layers.regularizers import L2


def init(layer: Dense, shape: tuple[int, ...], dtype: str = "float32"):  # type: ignore[no-untyped-def]
    return layer.init(np.random.default_rng(0), shape, dtype)


def test_by_hand() -> None:
    layer = Dense(2, "relu", kernel_initializer=Constant(1.0), bias_initializer=Constant(-3.0))
    params, shape = init(layer, (2,))
    y, pullback = layer.forward(params, np.array([[1.0, 4.0], [1.0, 1.0]]))
    assert shape == (2,)
    assert y.tolist() == [[2, 2], [0, 0]]
    dx, grads = pullback(np.array([[1.0, 2.0], [5.0, 5.0]]))
    assert dx.tolist() == [[3, 3], [0, 0]]
    assert grads["kernel"].tolist() == [[1, 2], [4, 8]]
    assert grads["bias"].tolist() == [1, 2]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_weights_are_as_in_keras(dtype: str) -> None:
    params, shape = init(Dense(10), (7, 4), dtype)
    assert shape == (7, 10)
    assert {name: leaf.shape for name, leaf in params.items()} == {"kernel": (4, 10), "bias": (10,)}
    assert {leaf.dtype.name for leaf in params.values()} == {dtype}
    assert np.abs(params["kernel"]).max() <= np.sqrt(6 / 14)
    assert not params["bias"].any()


def test_only_the_kernel_is_penalised() -> None:
    weights = Dense(3, kernel_regularizer=L2()).weights((2,))
    assert weights["kernel"].regularizer == L2()
    assert weights["bias"].regularizer is None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Dense(0), "Dense: units: must be a whole number ≥ 1, got 0"),
        (lambda: Dense(2.5), "Dense: units: must be"),  # type: ignore[arg-type]
        (lambda: Dense(3, "relo"), "Dense: unknown activation 'relo'. Did you mean 'relu'"),
        (lambda: Dense(3, kernel_initializer="he"), "Dense: unknown initializer 'he'"),
        (lambda: Dense(3, bias_initializer="zero"), "Did you mean 'zeros'"),
        (lambda: init(Dense(3), ()), "Dense: expects examples with at least one axis"),
    ],
)
def test_refusals(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(GlassnetError, match=message):
        make()


def test_the_largest_product_is_that_with_the_kernel() -> None:
    assert Dense(3).largest_product((7, 5)) == 7 * 5 * 3
