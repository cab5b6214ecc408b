"""Frozen layers: in Keras's files here, in ours in Keras, in all three formats."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import glassnet as g
from glassnet.core.trees import items
from glassnet.interop.keras import export as bridge
from glassnet.layers.freezing import frozen_layers, trained_paths
from tests.interop.keras.on_backend import outputs, rows

L = keras.layers


def chain(shape: tuple[int, ...], *layers: Any) -> Any:
    return keras.Sequential([keras.Input(shape), *layers])


def body() -> Any:
    return chain((6, 4), L.Dense(4, name="a"), L.BatchNormalization(), L.Dense(4, name="b"))


def frozen_by_layer() -> Any:
    model = chain((6, 4), body(), L.LSTM(3, name="rnn"), L.Dense(2))
    model.layers[0].layers[0].trainable = model.layers[1].trainable = False
    return model


def frozen_body() -> Any:
    base, x = body(), keras.Input((6, 4))
    base.trainable = False
    return keras.Model(x, L.Dense(2)(base(x, training=False)))


def frozen_body_with_a_trained_layer() -> Any:
    model = frozen_body()
    model.layers[1].layers[2].trainable = True
    return model


def frozen_wrappers() -> Any:
    model = chain((6, 4), L.TimeDistributed(L.Dense(4)), L.Bidirectional(L.GRU(2)), L.Dense(3))
    model.layers[0].trainable = model.layers[1].trainable = False
    return model


def frozen_whole() -> Any:
    model = frozen_by_layer()
    model.compile("sgd", "mse")
    model.fit(rows(4, 6, 4), rows(4, 2), verbose=0)
    model.trainable = False
    return model


MODELS = [frozen_by_layer, frozen_body, frozen_body_with_a_trained_layer, frozen_wrappers,
          frozen_whole]  # fmt: skip


def varied(model: Any) -> Any:
    """The model with other weights, all different."""
    for i, variable in enumerate(model.weights):
        values = rows(*variable.shape, seed=i) / 3
        variable.assign(abs(values) + 0.5 if "variance" in variable.path else values)
    return model


def trained(model: g.Model) -> int:
    """How many numbers training changes."""
    weights = model.network.weights(model.input_shape)
    paths = trained_paths(weights, frozen_layers(model.network))
    return sum(np.prod(dict(items(weights))[path].shape, dtype=int) for path in paths)


def trained_in_keras(model: Any) -> int:
    return sum(np.prod(v.shape, dtype=int) for v in model.trainable_variables)


@pytest.mark.parametrize("build", MODELS)
def test_frozen_layers_stay_frozen(build: Any, tmp_path: Path) -> None:
    model, x = varied(build()), rows(3, 6, 4).astype("f4")
    expected = model.predict(x, verbose=0)
    for name in ("m.keras", "m.h5"):
        model.save(tmp_path / name)
        ours = g.Model.load(tmp_path / name)
        np.testing.assert_allclose(ours.predict(x), expected, atol=1e-5)
        assert trained(ours) == trained_in_keras(model)
        ours.save(tmp_path / "again.keras")
        loaded = keras.models.load_model(tmp_path / "again.keras")
        np.testing.assert_allclose(outputs(loaded, x, "float32"), expected, atol=1e-5)
        if build is not frozen_wrappers:  # Keras loads cells of frozen layers as trained
            assert trained_in_keras(loaded) == trained(ours)
        assert [flag for _, flag in flags(g.Model.load(tmp_path / "again.keras"))] == [
            flag for _, flag in flags(ours)
        ]
    model.save_weights(tmp_path / "m.weights.h5")
    ours.set_weights([weight * 0 for weight in ours.get_weights()])
    ours.load_weights(tmp_path / "m.weights.h5")
    np.testing.assert_allclose(ours.predict(x), expected, atol=1e-5)


def flags(model: g.Model) -> list[tuple[str, bool]]:
    return [(path, layer.trainable) for path, layer in model.network.walk() if layer.learns]


def test_frozen_attention_is_frozen_in_keras_too() -> None:
    x = g.Input((6, 4))
    frozen = g.MultiHeadAttention(2, 2, name="a", trainable=False)
    model = g.Model(x, g.Dense(2, name="b")(frozen(x)))
    built = bridge.to_keras(model.network, (6, 4), model.params)
    assert trained_in_keras(built) == trained(model) == 10
    model.trainable = False
    built = bridge.to_keras(model.network, (6, 4), model.params)
    assert trained_in_keras(built) == trained(model) == 0


@pytest.mark.parametrize("way", ["forward_layer", "backward_layer"])
def test_one_frozen_direction_is_read_with_a_note(
    way: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model, x = varied(chain((6, 4), L.Bidirectional(L.LSTM(3), name="both"))), rows(3, 6, 4)
    getattr(model.layers[0], way).trainable = False  # its weights come last in .h5
    for name in ("m.keras", "m.h5"):
        model.save(tmp_path / name)
        ours = g.Model.load(tmp_path / name)
        np.testing.assert_allclose(ours.predict(x), model.predict(x, verbose=0), atol=1e-5)
        assert f"and the other direction is not: both/{way}. Here" in caplog.text
        caplog.clear()
