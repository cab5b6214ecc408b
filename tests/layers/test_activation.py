"""Activations as layers."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import Activation, Dense
from glassnet.layers.activation import activation_op
from glassnet.ops.activations import ACTIVATIONS, linear


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_dense_layer_with_it_is_a_dense_layer_and_it(name: str) -> None:
    x = np.random.default_rng(0).standard_normal((3, 4))
    params, _ = Dense(5).init(np.random.default_rng(0), (4,), "float64")
    z, _ = Dense(5).forward(params, x)
    np.testing.assert_array_equal(
        Dense(5, name).forward(params, x)[0], Activation(name).forward({}, z)[0]
    )


def test_none_is_linear_and_nonsense_is_refused() -> None:
    assert activation_op(None) is linear
    with pytest.raises(GlassnetError, match="Activation: unknown activation 'sigmoyd'"):
        Activation("sigmoyd")


def test_softmax_needs_an_axis() -> None:
    with pytest.raises(GlassnetError, match="Activation: softmax is over an axis of each example"):
        Activation("softmax").output_shape(())
    assert Activation("relu").output_shape(()) == ()
