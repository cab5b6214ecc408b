"""Calls with states, masks, options and operators: Keras's files here, and training as there."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import glassnet as g
from glassnet.core.arrays import as_tuple
from glassnet.interop.keras import export as bridge
from tests.interop.keras.on_backend import outputs, rows

L = keras.layers
X, S = rows(4, 5, 3).astype("float32"), rows(4, 5, 4, seed=1).astype("float32")
X[1, 3:], X[2, 1] = 0, 0  # padding


def _states(x: Any, s: Any) -> Any:
    _, *states = L.LSTM(4, return_state=True, return_sequences=True)(L.Masking()(x))
    z, last = L.GRU(4, return_state=True)(s, initial_state=states[1])
    b = L.Bidirectional(L.LSTM(4, return_state=True))(s, initial_state=[*states, *states])
    return [z, last, b[0], b[4], *L.Bidirectional(L.SimpleRNN(2), merge_mode=None)(s)]


def _attention(x: Any, s: Any) -> Any:
    layer, y = L.MultiHeadAttention(2, 3), L.Dense(4)(x)
    _, scores = layer(s, s, return_attention_scores=True, use_causal_mask=True)
    other = layer(s, y, key=s, attention_mask=L.Dense(5, "relu")(x))
    a, weights = L.Attention(True, "concat")([s, y], return_attention_scores=True)
    return [scores, other, a, weights, L.AdditiveAttention()([s, y, s], use_causal_mask=True)]


def _operators(x: Any, s: Any) -> Any:
    y = L.Dense(4)(x)
    return [x[:, 0], s[..., -1], y[:, 1::2, None] * 2.0, 1 - y, -s / 2, y**2, y + s]


def _nested(x: Any, s: Any) -> Any:
    inner = keras.Input((5, 4))
    y, _, c = L.LSTM(3, return_state=True)(inner)
    model = keras.Model(inner, [y, L.Dense(2)(c)])
    return [*model(s), model(L.Dense(4)(x)[:, ::-1])[1]]


@pytest.mark.parametrize("build", [_states, _attention, _operators, _nested])
def test_a_model_of_keras_says_the_same_here_and_again_there(build: Any, tmp_path: Path) -> None:
    x, s = keras.Input((5, 3)), keras.Input((5, 4))
    theirs = keras.Model([x, s], build(x, s))
    theirs.save(tmp_path / "theirs.keras")
    network, shape, params, dtype = bridge.import_keras(tmp_path / "theirs.keras")
    wanted = outputs(theirs, (X, S), "float32")
    for ours, expected in zip(network.forward(params, (X, S))[0], wanted, strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-5)
    bridge.export_keras(tmp_path / "ours.keras", network, shape, params, dtype)
    again = keras.models.load_model(tmp_path / "ours.keras")
    for ours, expected in zip(outputs(again, (X, S), "float32"), wanted, strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-5)


def test_a_mask_that_is_an_input(tmp_path: Path) -> None:
    x, m = keras.Input((5, 3)), keras.Input((5,), dtype="bool")
    theirs = keras.Model(
        [x, m], L.GlobalAveragePooling1D()(L.LSTM(4, return_sequences=True)(x, mask=m))
    )
    theirs.save(tmp_path / "theirs.keras")
    network, _, params, _ = bridge.import_keras(tmp_path / "theirs.keras")
    mask = np.array([[1, 1, 1, 0, 0], [1, 0, 1, 0, 0], [0, 1, 1, 1, 1], [1] * 5], bool)
    ours = network.forward(params, (X, mask.astype("float32")))[0]
    np.testing.assert_allclose(ours, np.asarray(theirs([X, mask])), rtol=1e-4, atol=1e-5)


def test_an_encoder_with_a_decoder_trains_as_in_keras() -> None:
    def built(lib: Any, model: Any) -> Any:
        encoder, decoder = lib.Input((5, 3)), lib.Input((5, 4))
        layers = getattr(lib, "layers", lib)
        _, *states = layers.LSTM(6, return_state=True)(encoder)
        y, *_ = layers.LSTM(6, return_sequences=True, return_state=True)(
            decoder, initial_state=states
        )
        return model([encoder, decoder], layers.Dense(4, activation="softmax")(y))

    ours, theirs = built(g, g.Model), built(keras, keras.Model)
    targets = np.eye(4, dtype="float32")[np.random.default_rng(2).integers(0, 4, (4, 5))]
    for model in (ours, theirs):
        model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    # the layers of a graph are in another order
    names = {w.path.split("/")[0]: None for w in theirs.weights}
    assert len(names) == 3
    theirs.set_weights(ours.get_weights())
    options: dict[str, Any] = {"batch_size": 2, "epochs": 3, "shuffle": False, "verbose": 0}
    logs = [model.fit([X, S], targets, **options).history for model in (ours, theirs)]
    for name, values in logs[1].items():
        np.testing.assert_allclose(logs[0][name], values, rtol=1e-4)
    for ours_w, theirs_w in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(ours_w, theirs_w, rtol=1e-3, atol=1e-4)
    assert as_tuple(ours.output_shape) == (5, 4)


def test_masks_that_calls_pass_reach_keras_and_come_back(tmp_path: Path) -> None:
    x, m = g.Input((5, 3)), g.Input((5,))
    attended = g.MultiHeadAttention(2, 3)(x, x, query_mask=m, value_mask=m)
    shares = g.Softmax()(m, mask=m)
    last = g.GRU(2, return_sequences=True)(x, initial_state=g.Dense(2)(shares), mask=m)
    model = g.Model([x, m], [attended, g.Attention()([x, x], mask=[m, m]), shares, last])
    mask = (np.random.default_rng(0).random((4, 5)) > 0.4).astype("float32")
    model.save(tmp_path / "ours.keras")
    again = g.Model.load(tmp_path / "ours.keras")
    theirs = outputs(keras.models.load_model(tmp_path / "ours.keras"), (X, mask), "float32")
    for i, (ours, read, wanted) in enumerate(
        zip(model.predict((X, mask)), again.predict((X, mask)), theirs, strict=True)
    ):
        real = mask[..., None] if i == 0 else 1  # Keras's padding queries attend otherwise
        np.testing.assert_allclose(ours * real, wanted * real, rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(read, ours)


def test_a_product_can_t_take_a_mask_that_its_call_passes(tmp_path: Path) -> None:
    x, m = g.Input((5, 3)), g.Input((5,))
    model = g.Model([x, m], g.Multiply()([x, g.Rescaling(2.0)(x)], mask=[m, m]))
    with pytest.raises(g.GlassnetError, match="takes no mask that a call passes"):
        model.save(tmp_path / "model.keras")


def test_sizes_that_are_open_stay_open(tmp_path: Path) -> None:
    x = g.Input((None, None, 3))
    model = g.Model(x, g.GlobalMaxPooling2D()(g.Conv2D(2, 3)(x)))
    model.save(tmp_path / "model.keras")
    theirs = keras.models.load_model(tmp_path / "model.keras")
    assert theirs.input_shape == (None, None, None, 3)
    assert g.Model.load(tmp_path / "model.keras").accepted_shape == (None, None, 3)
