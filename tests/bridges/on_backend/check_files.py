"""Files: ours in Keras, Keras's here, and the models that are refused."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import glassnet as g
from glassnet.bridges import keras as bridge
from glassnet.bridges.keras_backend import precision
from glassnet.trees import items
from tests.bridges.on_backend import outputs, rows
from tests.cases import LAYERS

every_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


@every_dtype
def test_an_exported_file_says_the_same_in_keras_and_here(dtype: str, tmp_path: Path) -> None:
    case = LAYERS[-1].cast(dtype)
    (x, params), net, path = case.arguments, case.subject, tmp_path / "model.keras"
    bridge.export_keras(path, net, x.shape[1:], params, dtype)
    expected = net.forward(params, x)[0]
    with precision(dtype):
        loaded = keras.models.load_model(path)
    assert "glassnet" not in str(loaded.get_config())
    np.testing.assert_allclose(outputs(loaded, x, dtype), expected, atol=1e-5)
    if dtype == "float32":
        np.testing.assert_allclose(loaded.predict(x, verbose=0), expected, atol=1e-5)
    again, shape, weights, its_dtype = bridge.import_keras(path)
    assert (shape, its_dtype) == (x.shape[1:], dtype)
    np.testing.assert_array_equal(again.forward(weights, x)[0], expected)
    assert [path.name for path in tmp_path.iterdir()] == ["model.keras"]


def test_export_asks_for_a_name_that_keras_loads(tmp_path: Path) -> None:
    with pytest.raises(g.GlassnetError, match=r"Call it model\.keras"):
        bridge.export_keras(tmp_path / "model.h5", g.Flatten(), (4,), {})


def functional(*layers: Any, shape: tuple[int, ...] = (4, 3)) -> Any:
    x = y = keras.Input(shape)
    for layer in layers:
        y = layer(y)
    return keras.Model(x, y)


def keras_models() -> dict[str, Any]:
    L = keras.layers
    x = rows(50, 4, 3) * np.array([1, 3, 0]) + 5
    adapted = L.Normalization()
    adapted.adapt(x)
    inner = keras.Sequential([keras.Input((12,)), L.Dense(5), L.ReLU()])
    chain = functional(L.Dense(4, "elu"), L.Dense(4, "silu"), shape=(5,))
    penalty, draw = keras.regularizers.L1L2(0.1, 0.2), keras.initializers.HeNormal()
    compiled = keras.Sequential([keras.Input((4, 3)), L.Flatten(), L.Dense(3, "softmax")])
    compiled.compile("adam", "sparse_categorical_crossentropy")
    compiled.fit(x.astype("f4"), np.arange(50) % 3, verbose=0)
    return {
        "trained": compiled,
        "functional": functional(adapted, L.Flatten(), inner, L.Dropout(0.2), chain, L.Softmax()),
        "mean and variance as options": functional(
            L.Normalization(mean=[1.0, 2.0, 3.0], variance=[0.0, 4.0, 2.0]), L.Dense(2)
        ),
        "one mean for all": functional(L.Normalization(axis=None, mean=3.0, variance=2.0)),
        "one mean for each": functional(L.Normalization(axis=1, mean=3.0, variance=2.0)),
        "activations": functional(
            L.Rescaling(0.1, -1), L.LeakyReLU(0.2), L.ELU(), L.Activation("gelu"),
            L.Dense(3, "softplus", use_bias=False, kernel_initializer=draw),
            L.Dense(3, "sigmoid", kernel_regularizer=penalty), L.Dense(2, kernel_regularizer="l1"),
        ),
    }  # fmt: skip


@pytest.mark.parametrize("name", list(keras_models()))
def test_keras_s_models_are_read(name: str, tmp_path: Path) -> None:
    model, path = keras_models()[name], tmp_path / "model.keras"
    model.save(path)
    network, shape, params, dtype = bridge.import_keras(path)
    x = (rows(6, 4, 3, seed=2) * 2 + 5).astype("f4")
    assert (shape, dtype) == ((4, 3), "float32")
    expected = model.predict(x, verbose=0)
    np.testing.assert_allclose(network.forward(params, x)[0], expected, rtol=1e-5, atol=1e-5)
    fitted = dict(items(network.adapt(params, lambda: [x])))  # already: stays as it is
    assert all(fitted[path] is value for path, value in items(params))


def refused_models() -> dict[str, Any]:
    L = keras.layers

    class Mine(L.Dense):
        pass

    shared = L.Dense(3)
    x = keras.Input((4, 3))
    frozen = functional(L.Dense(2))
    frozen.layers[1].trainable = False
    return {
        "'Lambda'": functional(L.Lambda(lambda x: x)),
        "'Conv1D'": functional(L.Conv1D(2, 2)),
        "'Mine'": functional(Mine(2)),
        "kernel_constraint": functional(L.Dense(2, kernel_constraint="non_neg")),
        "bias_regularizer": functional(L.Dense(2, bias_regularizer="l2")),
        "activity_regularizer": functional(L.Dense(2, activity_regularizer="l2")),
        "'OrthogonalRegularizer'": functional(
            L.Dense(2, kernel_regularizer=keras.regularizers.OrthogonalRegularizer())
        ),
        "trainable=False": frozen,
        "mixed_float16": functional(L.Dense(2, dtype="mixed_float16")),
        "float16": functional(L.Dense(2, dtype="float16")),
        "'mish'": functional(L.Dense(2, "mish")),
        "channels_first": functional(L.Flatten(data_format="channels_first")),
        "negative_slope=0.3": functional(L.LeakyReLU(0.3)),
        "max_value=6": functional(L.ReLU(6)),
        "axis=1": functional(L.Softmax(axis=1)),
        "the axes": functional(L.Normalization(axis=(1, 2))),
        "invert=True": functional(L.Normalization(invert=True)),
        "noise_shape": functional(L.Dropout(0.1, noise_shape=(None, 1, 3))),
        "no chain": keras.Model(x, L.Add()([x, x])),
        "no chain of layers": keras.Model(x, shared(shared(x))),
    }


@pytest.mark.parametrize("what", list(refused_models()))
def test_other_models_are_refused_by_name(what: str, tmp_path: Path) -> None:
    refused_models()[what].save(path := tmp_path / "model.keras")
    with pytest.raises(g.GlassnetError) as caught:
        bridge.import_keras(path)
    assert what in str(caught.value)
    assert str(path) in str(caught.value)
