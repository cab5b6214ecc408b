"""The same network: every layer, activation and initializer."""

import keras
import numpy as np
import pytest

import glassnet as g
from glassnet import configs, initializers
from glassnet.bridges import keras as bridge
from glassnet.layers import INFERENCE, Layer, Sequential
from glassnet.ops.activations import ACTIVATIONS
from glassnet.trees import items
from tests.bridges.on_backend import BACKEND, outputs, rows
from tests.cases import LAYERS, Case

FORWARD = {"float32": 1e-5, "float64": 1e-9}
INEXACT = {  # also in double precision
    ("tensorflow", "gelu"): "has a constant of single precision",
    ("tensorflow", "leaky_relu"): "has its slope in single precision",
    ("torch", "softplus"): "is x from 20 on",
}

every_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


@every_dtype
@pytest.mark.parametrize("case", LAYERS, ids=str)
def test_layers_say_the_same(case: Case, dtype: str) -> None:
    layer, (x, params) = case.subject, case.cast(dtype).arguments
    shape = x.shape[1:]
    model = bridge.to_keras(layer, shape, params, dtype)
    expected = layer.forward(params, x, INFERENCE)[0]
    found = outputs(model, x, dtype)
    assert found.dtype == dtype
    loose = BACKEND == "tensorflow" and case.subject is LAYERS[-1].subject  # its gelu: see INEXACT
    np.testing.assert_allclose(found, expected, atol=1e-7 if loose else FORWARD[dtype], rtol=1e-5)
    back = dict(items(bridge.weights_from(model, layer, shape)))
    assert list(back) == [path for path, _ in items(params)]
    for path, value in items(params):
        assert back[path].dtype == dtype
        np.testing.assert_array_equal(back[path], np.floor(value) if "count" in path else value)


@every_dtype
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_say_the_same(name: str, dtype: str) -> None:
    x = np.concatenate([rows(50, 4) * 3, rows(20, 4) * 50, np.zeros((1, 4))]).astype(dtype)
    model = bridge.to_keras(g.Activation(name), (4,), {}, dtype)
    rtol = 1e-5 if dtype == "float32" or (BACKEND, name) in INEXACT else 1e-12
    np.testing.assert_allclose(
        outputs(model, x, dtype), ACTIVATIONS[name](x)[0], atol=FORWARD[dtype] / 10, rtol=rtol
    )


def test_a_feature_that_never_changes_is_only_centred() -> None:
    layer = g.Normalization()
    params, _ = layer.init(np.random.default_rng(0), (2,))
    params = layer.adapt(params, lambda: [np.array([[1.0, 5.0], [3.0, 5.0]])])
    model = bridge.to_keras(layer, (2,), params)
    np.testing.assert_allclose(outputs(model, np.array([[3.0, 7.0]], "f4"), "float32"), [[1, 2]])


@pytest.mark.parametrize("name", [*configs.names("initializer"), *configs.classes("initializer")])
def test_initializers_are_known(name: str) -> None:
    known = configs.classes("initializer")
    chosen = known[name]() if name in known else name
    network = g.Dense(4, kernel_initializer=chosen)
    model = bridge.to_keras(network, (4,), network.init(np.random.default_rng(0), (4,))[0])
    found = keras.initializers.serialize(model.layers[0].kernel_initializer)["config"]
    wanted = configs.describe(initializers.get(chosen))
    assert all(wanted[key] == found[key] for key in wanted.keys() & found.keys())


def test_a_layer_that_keras_lacks_is_named() -> None:
    class Strange(Layer):
        pass

    with pytest.raises(g.GlassnetError, match=r"layer 'odd': .*can't build Strange"):
        bridge.to_keras(Sequential((Strange(name="odd"),)), (4,), {})
    with pytest.raises(g.GlassnetError, match="no such name"):
        bridge.to_keras(Sequential((g.Flatten(name="été"),)), (4,), {})
