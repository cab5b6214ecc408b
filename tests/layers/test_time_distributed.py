"""One layer applied to every step."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import leaves
from glassnet.layers import (
    GRU,
    BatchNormalization,
    CallContext,
    Dense,
    Flatten,
    Normalization,
    Sequential,
    TimeDistributed,
)

X = np.random.default_rng(0).standard_normal((4, 3, 2, 5))


def test_each_step_is_an_example() -> None:
    inner = Sequential((Flatten(), Dense(6, "tanh")))
    layer = TimeDistributed(inner)
    params, shape = layer.init(np.random.default_rng(1), (3, 2, 5), "float64")
    y, _ = layer.forward(params, X)
    assert shape == (3, 6)
    for t in range(3):
        np.testing.assert_allclose(y[:, t], inner.forward(params["layer"], X[:, t])[0])


def test_without_weights() -> None:
    layer = TimeDistributed(Flatten())
    assert not layer.learns
    assert layer.init(np.random.default_rng(1), (3, 2, 5)) == ({}, (3, 10))
    y, pullback = layer.forward({}, X)
    dx, grads = pullback(y)
    np.testing.assert_array_equal(dx, X)
    assert grads == layer.adapted({}, lambda: [X]) == {}


def test_statistics_are_those_of_all_steps() -> None:
    layer, plain = TimeDistributed(Normalization()), Normalization()
    params, _ = layer.init(np.random.default_rng(1), (3, 2, 5))
    wanted, _ = plain.init(np.random.default_rng(1), (2, 5))
    found = layer.adapted(params, lambda: [X])
    wanted = plain.adapted(wanted, lambda: [X.reshape(12, 2, 5)])
    for a, b in zip(leaves(found), leaves(wanted), strict=True):
        np.testing.assert_array_equal(a, b)


def test_it_needs_steps() -> None:
    with pytest.raises(GlassnetError, match="TimeDistributed: applies a layer to each step"):
        TimeDistributed(Dense(2)).output_shape((5,))


def test_the_mask_reaches_each_step() -> None:
    x, mask = X[:, :, 0], np.array([[True, True, False]] * 4)
    layer, plain = TimeDistributed(BatchNormalization()), BatchNormalization()
    params, _ = layer.init(np.random.default_rng(1), (3, 5), "float64")
    y, _ = layer.forward(params, x, CallContext(True, mask=mask))
    wanted, _ = plain.forward(params["layer"], x, CallContext(True, mask=mask))
    np.testing.assert_allclose(y, wanted)
    inner = TimeDistributed(GRU(3))  # each example of the line is a sequence, real or not
    params, _ = inner.init(np.random.default_rng(1), (3, 2, 5), "float64")
    y, _ = inner.forward(params, X, CallContext(mask=mask))
    np.testing.assert_array_equal(y[:, 2], 0)
    np.testing.assert_array_equal(y[:, :2], inner.forward(params, X)[0][:, :2])
