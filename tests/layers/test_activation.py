"""Activations as layers."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import Activation, CallContext, Dense, Sequential, Softmax
from glassnet.layers.activation import activation_op
from glassnet.losses import SparseCategoricalCrossentropy
from glassnet.ops.activations import ACTIVATIONS, linear
from glassnet.training.output_activation import checked_loss, fuse_output_activation


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


def test_names_that_need_more_say_what_to_write() -> None:
    with pytest.raises(GlassnetError, match="glu halves the number of features"):
        Activation("glu")
    with pytest.raises(GlassnetError, match=r"threshold needs two numbers.*ReLU\(threshold=0.5\)"):
        Dense(3, "threshold")


def test_softmax_along_an_axis_and_with_a_mask() -> None:
    x = np.zeros((1, 2, 4))
    assert (Softmax(1).forward({}, x)[0] == 0.5).all()
    assert (Softmax((1, 2)).forward({}, x)[0] == 0.125).all()
    mask = np.array([[True, False]])
    y, _ = Softmax().forward({}, np.zeros((1, 2)), CallContext(mask=mask))
    assert y.tolist() == [[1, 0]]
    with pytest.raises(GlassnetError, match="has a padding mask of shape"):
        Softmax().forward({}, x, CallContext(mask=mask))


def test_a_softmax_layer_is_fused_with_the_loss_as_the_activation_is() -> None:
    net, loss = Sequential((Dense(3), Softmax())), SparseCategoricalCrossentropy()
    fused, chosen = fuse_output_activation(net, loss)
    assert chosen.from_logits
    assert fused.parts[1] == ("softmax", Activation("linear", name="softmax"))


@pytest.mark.parametrize("name", ["log_softmax", "relu6", "exponential"])
def test_what_is_no_probability_is_refused_before_a_crossentropy(name: str) -> None:
    with pytest.raises(GlassnetError, match=f"expects probabilities, but the last layer .* {name}"):
        checked_loss(Sequential((Dense(3, name),)), SparseCategoricalCrossentropy())
    checked_loss(Sequential((Dense(3, "sparsemax"),)), SparseCategoricalCrossentropy())
