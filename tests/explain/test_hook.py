"""Taps see what passes and change nothing."""

import numpy as np

from glassnet import Model
from glassnet.explain.hook import last_learning, tapped
from glassnet.layers import Add, Dense, Graph, Input, Sequential


def test_a_tap_in_a_network_in_a_network() -> None:
    model = Model([Sequential((Dense(4, "tanh"), Dense(3))), Dense(2)], input_shape=(5,))
    x = np.random.default_rng(0).normal(size=(6, 5)).astype("float32")
    network, seen = tapped(model.network, "sequential/dense_1")
    y, back = network.forward(model.params, x)
    np.testing.assert_array_equal(y, model.predict(x))
    back(np.ones_like(y))
    np.testing.assert_allclose(seen.gradient, np.ones((6, 2)) @ model.params["dense"]["kernel"].T)
    assert seen.input.shape == (6, 4)
    assert seen.output.shape == (6, 3)


def test_the_last_call_of_a_shared_layer() -> None:
    shared = Dense(3, "tanh", name="shared")
    x = Input((3,))
    once = shared(x)
    network = Graph.between(x, Add()(once, shared(once)))
    model = Model(network, input_shape=(3,))
    given = np.ones((1, 3), "float32")
    place = last_learning(network)
    assert place is not None
    watched, seen = tapped(network, place)
    y, back = watched.forward(model.params, given)
    np.testing.assert_array_equal(y, model.predict(given))
    np.testing.assert_allclose(seen.input + seen.output, y)
    back(np.ones_like(y))
    np.testing.assert_array_equal(seen.gradient, np.ones_like(y))
