"""What Keras shows of a layer: its weights, inputs, outputs and configuration."""

import numpy as np
import pytest

from glassnet import GRU, BatchNormalization, Dense, Flatten, GlassnetError, Input, Model, layers

X = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")


def test_a_layer_has_the_weights_of_the_model_that_built_it() -> None:
    layer = Dense(3)
    assert layer.weights == []
    assert not layer.built
    model = Model([layer, Dense(2)], input_shape=(4,))
    assert layer.built
    assert [w.path for w in layer.variables] == ["dense/kernel", "dense/bias"]
    assert layer.count_params() == 15
    np.testing.assert_array_equal(layer.get_weights()[0], model.get_weights()[0])
    layer.set_weights([np.ones((4, 3)), np.zeros(3)])
    np.testing.assert_array_equal(model.params["dense"]["kernel"], 1)
    np.testing.assert_allclose(layer.kernel, 1)  # type: ignore[attr-defined]
    assert set(layer.weights((4,))) == {"kernel", "bias"}  # the method of own layers


def test_weights_that_are_not_trained() -> None:
    model = Model([BatchNormalization(), Dense(2)], input_shape=(4,))
    normalization = model.layers[0]
    assert [w.name for w in normalization.trainable_weights] == ["gamma", "beta"]
    assert [w.name for w in normalization.non_trainable_variables] == [
        "moving_mean", "moving_variance",
    ]  # fmt: skip
    assert len(model.trainable_weights) == 4
    assert len(model.non_trainable_weights) == 2
    copied = model.clone().layers[0]
    assert [w.trainable for w in copied.variables] == [True, True, False, False]


def test_layers_without_weights() -> None:
    assert Flatten().built
    assert Flatten().count_params() == 0
    with pytest.raises(GlassnetError, match=r"layer 'dense': has no weights yet"):
        Dense(3).count_params()
    with pytest.raises(GlassnetError, match="got 1 arrays for 0 weights"):
        Dense(3).set_weights([np.ones(3)])
    with pytest.raises(AttributeError, match="none yet: a model creates them"):
        _ = Dense(3).kernel  # type: ignore[attr-defined]


def test_a_name_is_generated_but_not_part_of_the_layer() -> None:
    first, second = Dense(3), Dense(3)
    model = Model([first, second], input_shape=(4,))
    assert [layer.name for layer in model.layers] == ["dense", "dense_1"]
    assert first == second == Dense(3)
    assert "name=None" in repr(second)
    assert second.get_config()["name"] is None
    other = Model([second], input_shape=(3,))
    assert other.layers[0].name == "dense"
    assert [layer.name for layer in model.layers] == ["dense", "dense_1"]
    assert Dense(3, name="a") != Dense(3)


def test_output_and_input_are_the_nodes_of_the_first_call() -> None:
    x = Input((4,))
    layer = Dense(3)
    first = layer(x)
    second = layer(Dense(4)(x))
    assert layer.output is first
    assert layer.input is x
    assert second is not first
    added = layers.Add()
    both = added(first, second)
    assert added.input == [first, second]
    assert added.output is both
    with pytest.raises(GlassnetError, match="'flatten': has not been called on a node"):
        _ = Flatten().output


def test_a_model_goes_on_from_the_output_of_a_layer() -> None:
    base = Model([Flatten(), Dense(3, "relu"), Dense(2)], input_shape=(2, 2))
    head = Dense(1)
    model = Model(base.input, head(base.get_layer("dense").output))
    assert model.get_layer("dense") is base.get_layer("dense")
    hidden = Model(inputs=base.inputs, outputs=base.layers[1].output)
    expected = np.maximum(X.reshape(5, 4) @ base.get_weights()[0], 0)
    np.testing.assert_allclose(hidden.predict(X.reshape(5, 2, 2)), expected, atol=1e-6)


def test_the_nodes_of_a_graph_are_those_that_it_was_built_from() -> None:
    x = Input((4,), name="x")
    layer = Dense(3)
    hidden = layer(x)
    model = Model(x, Dense(2)(hidden))
    assert model.input is x
    assert model.nodes["dense"] is hidden
    np.testing.assert_array_equal(Model(x, layer.output).predict(X), Model(x, hidden).predict(X))
    copied = model.clone()
    inner = copied.get_layer("dense").output
    assert inner is not hidden
    assert Model(copied.input, inner).count_params() == 15


def test_output_shapes_have_keras_s_batch_axis() -> None:
    assert layers.Conv2D(5, 3).compute_output_shape((None, 8, 8, 2)) == (None, 6, 6, 5)
    assert GRU(3).compute_output_shape((7, 5, 2)) == (7, 3)
    assert layers.Concatenate().compute_output_shape([(None, 2), (None, 3)]) == (None, 5)
    attention = layers.MultiHeadAttention(2, 4)
    assert attention.compute_output_shape((None, 3, 8), (None, 5, 8), None) == (None, 3, 8)
    with pytest.raises(GlassnetError, match="takes one input"):
        layers.Dense(3).compute_output_shape((None, 2), (None, 3))


def test_a_layer_from_its_configuration() -> None:
    layer = layers.Conv2D(5, (3, 2))
    config = layer.get_config()
    assert config["filters"] == 5
    assert type(layer).from_config(config) == layer
    assert type(layer).from_config(config | {"kernel_size": (1, 1)}).kernel_size == (1, 1)
    with pytest.raises(GlassnetError, match="unknown field of Conv2D 'filtrs'"):
        type(layer).from_config({"filtrs": 3})
    with pytest.raises(GlassnetError, match=r"Conv2D.from_config: got 3. Pass part.get_config"):
        type(layer).from_config(3)  # type: ignore[arg-type]
