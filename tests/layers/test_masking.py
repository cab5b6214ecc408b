"""Masking padding by its values."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import (
    GRU,
    Activation,
    CallContext,
    Dense,
    Graph,
    Input,
    Masking,
    Residual,
    Sequential,
)

X = np.array([[[1.0, 2], [0, 0], [0, 3]], [[9, 9], [9, 0], [0, 9]]])


def test_a_step_is_padding_if_all_its_features_are_the_value() -> None:
    assert Masking().output_mask(X, None).tolist() == [[True, False, True], [True] * 3]  # type: ignore[union-attr]
    assert Masking(9.0).output_mask(X, None).tolist() == [[True] * 3, [False, True, True]]  # type: ignore[union-attr]


def test_padding_comes_out_as_0_and_takes_no_gradient() -> None:
    y, pullback = Masking(9.0).forward({}, X)
    assert y[1].tolist() == [[0, 0], [9, 0], [0, 9]]
    dx, grads = pullback(np.ones_like(X))
    assert dx[1].tolist() == [[0, 0], [1, 1], [1, 1]]
    assert grads == {}


def test_the_layers_after_it_pass_padding_over() -> None:
    network = Sequential((Masking(), Dense(3), GRU(4)))
    params, _ = network.init(np.random.default_rng(0), (3, 2), "float64")
    padded = np.array([[[1.0, 2], [3, 4], [0, 0]]])
    long, _ = network.forward(params, padded)
    short, _ = network.forward(params, padded[:, :2])
    np.testing.assert_allclose(long, short)


def test_a_network_inside_another_hands_its_mask_on() -> None:
    """The mask passes through nested networks as through one flat list of layers."""
    first = (Dense(2, use_bias=False), Masking(), Dense(3))
    flat = Sequential((*first, GRU(4)))
    node = (start := Input((3, 2)))
    for layer in first:
        node = layer(node)
    params, _ = flat.init(np.random.default_rng(0), (3, 2), "float64")
    wanted, _ = flat.forward(params, X)
    dense = {name: params[name] for name in ("dense", "dense_1")}
    for inner in (Sequential(first, name="inner"), Graph.between(start, node, name="inner")):
        network = Sequential((inner, GRU(4)))
        found, _ = network.forward({"inner": dense, "gru": params["gru"]}, X)
        np.testing.assert_array_equal(found, wanted)


def test_a_residual_s_mask_is_that_of_its_sum() -> None:
    known, unknown = Residual((Activation("tanh"),)), Residual((Masking(),))
    for body, masked in ((known, True), (unknown, False)):
        call = CallContext(masks=[])
        Sequential((Masking(), body) if masked else (body,)).forward({}, X, call)
        assert call.masks is not None
        assert (call.masks[0] is not None) == masked


def test_refusals() -> None:
    with pytest.raises(GlassnetError, match=r"Masking: masks steps.*mask_zero"):
        Masking().output_shape((5,))
