"""Hooks record values and change nothing."""

import numpy as np

from glassnet import Model
from glassnet.explain.hook import last_layer_with_weights, with_hook
from glassnet.layers import Add, Dense, Graph, Input, Sequential


def test_a_hook_in_a_network_in_a_network() -> None:
    model = Model([Sequential((Dense(4, "tanh"), Dense(3))), Dense(2)], input_shape=(5,))
    x = np.random.default_rng(0).normal(size=(6, 5)).astype("float32")
    network, record = with_hook(model.network, "sequential/dense_1")
    y, back = network.forward(model.params, x)
    np.testing.assert_array_equal(y, model.predict(x))
    back(np.ones_like(y))
    np.testing.assert_allclose(record.gradient, np.ones((6, 2)) @ model.params["dense"]["kernel"].T)
    assert record.input.shape == (6, 4)
    assert record.output.shape == (6, 3)


def test_the_last_call_of_a_shared_layer() -> None:
    shared = Dense(3, "tanh", name="shared")
    x = Input((3,))
    once = shared(x)
    network = Graph.between(x, Add()(once, shared(once)))
    model = Model(network, input_shape=(3,))
    example = np.ones((1, 3), "float32")
    path = last_layer_with_weights(network)
    assert path is not None
    hooked, record = with_hook(network, path)
    y, back = hooked.forward(model.params, example)
    np.testing.assert_array_equal(y, model.predict(example))
    np.testing.assert_allclose(record.input + record.output, y)
    back(np.ones_like(y))
    np.testing.assert_array_equal(record.gradient, np.ones_like(y))
