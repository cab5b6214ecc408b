"""The nodes of a model's graph."""

import numpy as np

from glassnet.layers import Add, Dense, Flatten, Input, Residual
from glassnet.model.model import Model

X = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")


def test_a_part_of_a_chain_is_a_model() -> None:
    model = Model([Dense(3, "relu", name="features"), Dense(2)], (4,))
    part = Model(model.inputs, model.nodes["features"])
    kernel, bias = model.get_weights()[:2]
    np.testing.assert_allclose(part.predict(X), np.maximum(X @ kernel + bias, 0), rtol=1e-5)
    assert list(model.nodes) == ["features", "dense"]
    whole = Model(model.input, model.output)
    np.testing.assert_array_equal(whole.predict(X), model.predict(X))


def test_graphs_with_multiple_inputs_and_outputs_and_a_shared_layer() -> None:
    a, b, layer = Input((4,), "a"), Input((4,), "b"), Dense(3, name="shared")
    first = layer(a)
    model = Model([a, b], [Add(name="sum")(first, layer(b)), first])
    assert list(model.nodes) == ["shared", "shared:1", "sum"]
    assert [node.name for node in model.inputs] == ["a", "b"]
    part = Model(model.inputs[1], model.nodes["shared:1"])
    np.testing.assert_allclose(part.predict(X), model.predict([X, X])[1], rtol=1e-5)
    again = Model(model.input, model.output)
    for ours, theirs in zip(again.predict([X, X]), model.predict([X, X]), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_outputs_of_a_model_called_on_a_node_are_unpacked() -> None:
    x = Input((4,))
    hidden = Dense(5, "relu")(x)
    encoder = Model(x, [Dense(2, name="mean")(hidden), Dense(2, name="spread")(hidden)])
    mean, spread = encoder(x)
    model = Model(x, Add()(mean, spread))
    assert model.count_params() == encoder.count_params()
    np.testing.assert_allclose(model.predict(X), np.add(*encoder.predict(X)), rtol=1e-5)


def test_a_network_that_is_one_layer() -> None:
    for layer in (Flatten(), Residual((Dense(4),)), Dense(2, name="last")):
        model = Model(layer, (4,))
        np.testing.assert_array_equal(
            Model(model.inputs, model.output).predict(X), model.predict(X)
        )
