"""Residual blocks: the sum, the shortcut, the error."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import items
from glassnet.layers import CallContext, Dense, Normalization, Residual, Sequential

X = np.random.default_rng(0).standard_normal((5, 4))


def test_it_adds_its_layers_output_to_its_input() -> None:
    block = Residual((Dense(6, "relu"), Dense(4)))
    params, shape = block.init(np.random.default_rng(1), (4,), "float64")
    body = Sequential(block.layers)
    np.testing.assert_array_equal(
        block.forward(params, X)[0], X + body.forward(params["body"], X)[0]
    )
    assert shape == (4,)
    assert [path for path, _ in items(params)] == [
        f"body/{layer}/{name}" for layer in ("dense", "dense_1") for name in ("kernel", "bias")
    ]


def test_a_shortcut_brings_the_input_to_the_same_shape() -> None:
    block = Residual((Dense(3),), (Dense(3, use_bias=False),))
    params, shape = block.init(np.random.default_rng(1), (4,), "float64")
    assert shape == (3,)
    assert list(params) == ["body", "shortcut"]
    _, back = block.forward(params, X, CallContext(wrt_x=False))
    dx, grads = back(np.ones((5, 3)))
    assert dx is None
    np.testing.assert_allclose(grads["shortcut"]["dense"]["kernel"], X.T @ np.ones((5, 3)))


def test_shapes_that_do_not_fit_are_refused_where_the_network_is_built() -> None:
    network = Sequential((Residual((Dense(3),), name="block"),))
    with pytest.raises(GlassnetError, match=r"layer 'block': its layers output \(3,\), but its"):
        network.output_shape((4,))


def test_scales_inside_are_fitted() -> None:
    block = Residual((Normalization(),))
    params, _ = block.init(np.random.default_rng(1), (4,), "float64")
    adapted = block.adapted(params, lambda: [X])
    np.testing.assert_allclose(adapted["body"]["normalization"]["mean"], X.mean(axis=0))
