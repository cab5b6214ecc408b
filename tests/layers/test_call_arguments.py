"""The arguments of calls: options, masks, several outputs."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from glassnet import GlassnetError, Input, Model
from glassnet.core.registry import build, describe
from glassnet.layers import (
    GRU,
    LSTM,
    Attention,
    BatchNormalization,
    Bidirectional,
    CallContext,
    Dense,
    Dropout,
    GlobalAveragePooling1D,
    Graph,
    MultiHeadAttention,
    Sequential,
    SimpleRNN,
    TimeDistributed,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 5, 3)).astype("float32")


def test_each_output_is_a_value_and_files_of_other_graphs_are_as_before() -> None:
    x = Input((5, 3))
    y, h, _ = LSTM(4, return_state=True)(x)
    graph = Graph.between(x, [Dense(2)(h), y])
    assert graph.wiring == ((0, (0,)), (1, (2,)))
    assert graph.outputs == (4, 1)
    assert build("layer", describe(graph)) == graph
    assert "return_state" not in describe(LSTM(4))


def test_options_are_those_of_one_call(tmp_path: Any) -> None:
    x = Input((5, 3))
    layer = MultiHeadAttention(2, 3)
    plain = layer(x, x)
    y, scores = layer(query=x, value=x, return_attention_scores=True, use_causal_mask=True)
    model = Model(x, [plain, y, scores])
    assert [node.shape for node in model.outputs] == [(5, 3), (5, 3), (2, 5, 5)]
    first, causal, weights = model.predict(X)
    np.testing.assert_allclose(weights.sum(-1), 1, rtol=1e-5)
    np.testing.assert_array_equal(np.triu(weights, 1), 0)
    assert abs(first - causal).max() > 1e-3
    model.save(tmp_path / "model.safetensors")
    again = Model.load(tmp_path / "model.safetensors")
    for a, b in zip(again.predict(X), model.predict(X), strict=True):
        np.testing.assert_array_equal(a, b)
    lines: list[str] = []
    model.summary(print_fn=lines.append)
    assert "multi_head_attention:1 (MultiHeadAttention)" in lines[0]
    model.plot(tmp_path / "model.svg")


def test_a_call_with_training_false_is_in_inference_mode() -> None:
    x = Input((3,))
    inner = Model([BatchNormalization(), Dropout(0.5)], (3,))
    network = Graph.between(x, inner(x, training=False))
    params, _ = network.init(np.random.default_rng(0), (3,))
    updates: dict[str, Any] = {}
    rows = X[:, 0]
    y, _ = network.forward(params, rows, CallContext(True, updates=updates))
    np.testing.assert_allclose(y, rows / np.sqrt(1.001), rtol=1e-5)
    assert not updates


def test_a_mask_is_an_input() -> None:
    x, mask = Input((5, 3)), Input((5,))
    model = Model([x, mask], GlobalAveragePooling1D()(x, mask=mask))
    real = RNG.integers(0, 2, (4, 5)) | np.eye(4, 5, dtype=int)
    mean = [rows[keep == 1].mean(axis=0) for rows, keep in zip(X, real, strict=True)]
    np.testing.assert_allclose(model.predict([X, real]), mean, rtol=1e-5)


def test_an_attention_mask_and_the_mask_of_each_input() -> None:
    x, mask = Input((5, 3)), Input((5,))
    layer = Attention()
    by_list = layer([x, x], mask=[None, mask], return_attention_scores=True)[1]
    weights = Model([x, mask], by_list).predict([X, np.array([[1, 1, 0, 0, 1]] * 4)])
    np.testing.assert_allclose(weights[..., 2:4], 0, atol=1e-6)
    many, pairs = MultiHeadAttention(1, 2), Input((5, 5))
    _, scores = many(x, x, attention_mask=pairs, return_attention_scores=True)
    allowed = np.tril(np.ones((4, 5, 5)))
    weights = Model([x, pairs], scores).predict([X, allowed])
    np.testing.assert_array_equal(weights[:, 0] > 0, allowed == 1)
    named = Model([x, mask], many(x, x, value_mask=mask)).predict([X, np.ones((4, 5))])
    np.testing.assert_allclose(named, Model(x, many(x, x)).predict(X), rtol=1e-5)


@pytest.mark.parametrize("cls", [SimpleRNN, LSTM, GRU])
def test_a_sequence_in_two_parts_is_the_whole(cls: Any) -> None:
    x = Input((5, 3))
    first, second = cls(4, return_state=True), cls(4, return_sequences=True)
    _, *states = first(x[:, :2])
    graph = Graph.between(x, second(x[:, 2:], initial_state=states))
    params = graph.init(np.random.default_rng(0), (5, 3))[0]
    names = [name for name, layer in graph.parts if isinstance(layer, cls)]
    params[names[1]] = params[names[0]]
    whole = cls(4, return_sequences=True).forward(params[names[0]], X)[0]
    np.testing.assert_allclose(graph.forward(params, X)[0], whole[:, 2:], rtol=1e-4, atol=1e-6)


def test_both_directions_unmerged() -> None:
    x = Input((5, 3))
    outputs = Bidirectional(LSTM(2, return_state=True), merge_mode=None)(x)
    assert [node.shape for node in outputs] == [(2,)] * 6
    forward, backward, h, _, h_backward, _ = Model(x, outputs).predict(X)
    np.testing.assert_array_equal(forward, h)
    np.testing.assert_array_equal(backward, h_backward)


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_states_train_and_resume_from_a_file(engine: str, tmp_path: Any) -> None:
    a, b = Input((5, 3)), Input((None, 3))
    _, *states = LSTM(4, return_state=True)(a)
    model = Model([a, b], Dense(2)(LSTM(4, return_sequences=True)(b, initial_state=states)))
    model.compile("adam", "mse")
    y = RNG.normal(size=(4, 5, 2))
    losses = model.fit([X, X], y, epochs=30, verbose=0, engine=engine).history["loss"]
    assert losses[-1] < losses[0]
    model.save(tmp_path / "model.safetensors")
    again = Model.load(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(again.predict([X, X]), model.predict([X, X]))


X3 = Input((5, 3))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Dropout(0.1)(X3, training=True), "takes no training=True.*leave training out"),
        (lambda: Dropout(0.1)(X3, training="no"), "training must be True or False"),
        (lambda: Dense(2)(X3, initial_state=X3), "Recurrent layers take it"),
        (lambda: Dense(2)(X3, mask=np.ones((4, 5))), "was called on ndarray"),
        (lambda: Dense(2)(X3, mask=X3), "one number for each step"),
        (lambda: Dense(2)(X3, mask=[None, Input((5,))]), "2 masks for 1 inputs"),
        (lambda: LSTM(4)(X3, initial_state=Input((4,))), "starts from 2 states of shape"),
        (lambda: LSTM(4, stateful=True), "return_state=True"),
        (lambda: MultiHeadAttention(1, 2)(X3, key=X3), "a query, a value, and a key"),
        (lambda: MultiHeadAttention(1, 2)(X3, X3, X3, X3), "masks by name"),
        (lambda: Attention()(X3), "expects sequences of vectors"),
        (lambda: Sequential((LSTM(2, return_state=True), Dense(2))), "has 3 outputs"),
        (lambda: TimeDistributed(LSTM(2, return_state=True)), "its layer has 3 outputs"),
        (lambda: Dense(2)(), "was called on NoneType"),
    ],
)
def test_refusals(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        call()
