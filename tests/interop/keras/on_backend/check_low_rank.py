"""Low-rank adapters: the same steps as Keras, and files both ways."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import glassnet as g
from glassnet import layers, losses
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import map_leaves
from glassnet.interop.keras import export as bridge
from glassnet.layers import Sequential
from glassnet.layers.low_rank import adapters_of
from glassnet.verify.twin.steppers import EngineStepper, Setup
from tests.interop.keras.on_backend import BACKEND, outputs, rows

X, Y = np.arange(40).reshape(8, 5) * 7 % 9, np.arange(8) % 3
PENALTY: Any = {"kernel_regularizer": "l2"}
NET = Sequential(
    (
        layers.Embedding(9, 8, embeddings_regularizer="l2", lora_rank=2, lora_alpha=3.0),
        layers.MultiHeadAttention(2, 4, causal=True, lora_rank=2, lora_alpha=5.0, **PENALTY),
        layers.TimeDistributed(layers.Dense(6, "relu", lora_rank=1)),
        layers.EinsumDense("abc,cde->abde", (5, 2, 3), "tanh", "de", lora_rank=2, **PENALTY),
        layers.Flatten(),
        layers.Dense(3, "softmax", lora_rank=2, lora_alpha=8.0, **PENALTY),
    )
)


def weights(dtype: str) -> Any:
    rng = np.random.default_rng(3)
    params, _ = NET.init(rng, (5,), dtype)
    return map_leaves(lambda w: rng.normal(0, 0.3, w.shape).astype(dtype), params)


@pytest.mark.parametrize(
    ("optimizer", "dtype", "atol"),
    [(g.SGD(0.1), "float32", 1e-6), (g.Adam(0.01), "float64", 1e-12)],
    ids=["sgd", "adam"],
)
def test_steps_agree(optimizer: Any, dtype: str, atol: float) -> None:
    params, loss = weights(dtype), losses.SparseCategoricalCrossentropy()
    ours = EngineStepper("numpy", Setup(NET, (5,), params, loss, optimizer, dtype))
    twin = bridge.KerasTwin(NET, loss, optimizer, (5,), params, dtype, BACKEND)
    for _ in range(3):
        a, b = ours.step(X, Y), twin.step(X, Y)
        assert b.loss == pytest.approx(a.loss, abs=atol)
        assert a.gradients.keys() == b.gradients.keys()  # none of the kernels
        for path, gradient in a.gradients.items():
            np.testing.assert_allclose(b.gradients[path], gradient, atol=atol, err_msg=path)
        for path, weight in a.weights.items():
            np.testing.assert_allclose(b.weights[path], weight, atol=atol, err_msg=path)
    assert not [path for path in a.gradients if path.endswith(("kernel", "embeddings"))]


@pytest.mark.parametrize("name", ["model.keras", "model.weights.h5"])
def test_our_adapters_are_merged_in_files_for_keras(name: str, tmp_path: Path) -> None:
    model = g.Model(NET.clone(weights=False))
    model.take((5,), weights("float32"))
    expected = model.predict(X)
    if name.endswith(".keras"):
        model.save(tmp_path / name)
        loaded = keras.models.load_model(tmp_path / name)
    else:
        model.save_weights(tmp_path / name)
        model.merge_lora()
        loaded = bridge.to_keras(model.network, (5,), weights_of_zeros(model))
        loaded.load_weights(tmp_path / name)
    np.testing.assert_allclose(outputs(loaded, X, "float32"), expected, atol=1e-6)
    assert not [v for v in loaded.weights if "lora" in v.name]
    assert len(loaded.trainable_variables) == len(loaded.weights)  # Keras can train all of it


def weights_of_zeros(model: g.Model) -> Any:
    return map_leaves(np.zeros_like, model.params)


def keras_model() -> Any:
    """A model of Keras with adapters that have been trained."""
    L = keras.layers
    x = keras.Input((5, 8))
    h = L.EinsumDense("abc,cd->abd", (5, 6), activation="tanh")(x)
    y = L.Dense(3, "softmax")(L.Dense(4, lora_rank=2)(L.Flatten()(h)))
    model = keras.Model(x, y)
    model.layers[1].enable_lora(2, lora_alpha=6)
    for variable in model.weights:
        if "lora" in variable.name:
            variable.assign(rows(*variable.shape))
    return model


def test_a_file_of_keras_with_adapters_is_read_merged(tmp_path: Path) -> None:
    theirs, x = keras_model(), rows(4, 5, 8).astype("float32")
    expected = outputs(theirs, x, "float32")
    theirs.save(tmp_path / "model.keras")
    model = g.Model.load(tmp_path / "model.keras")
    assert not adapters_of(model.network)
    np.testing.assert_allclose(model.predict(x), expected, atol=1e-6)
    theirs.save_weights(tmp_path / "model.weights.h5")
    model.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_allclose(model.predict(x), expected, atol=1e-6)
    model.enable_lora(2)
    with pytest.raises(GlassnetError, match="merge_lora"):
        model.load_weights(tmp_path / "model.weights.h5")


def test_what_keras_loads_it_does_not_train(tmp_path: Path) -> None:
    """Why our files for Keras have no lora_rank: both factors are 0, and so are their gradients."""
    theirs = keras_model()
    theirs.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    factors = [variable.numpy() for variable in again.weights if "lora" in variable.name]
    assert len(factors) == 4
    assert all((value == 0).all() for value in factors)
