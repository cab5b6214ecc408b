"""Nodes: the layers that operators build, and errors for those they can't."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from glassnet import LSTM, Add, Concatenate, Dense, Embedding, Flatten, GlassnetError, Input, Model
from glassnet.layers import Multiply, Subtract

A, B = Input((3,)), Input((3,))


@pytest.mark.parametrize(
    ("drawn", "layer"),
    [(A + B, Add()), (A - B, Subtract()), (A * B, Multiply())],
)
def test_operators_are_layers(drawn: Any, layer: Any) -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 5, 3)).astype(np.float32)
    found = Model(inputs=[A, B], outputs=drawn).predict([a, b])
    np.testing.assert_array_equal(found, Model(inputs=[A, B], outputs=layer(A, B)).predict([a, b]))


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: A**B, "with other nodes and with numbers"),
        (lambda: A + "1", "with other nodes and with numbers"),
        (lambda: A * np.ones(3), "with other nodes and with numbers"),
        (lambda: np.ones(3) * A, "functions of NumPy and keras.ops can't take it"),
        (lambda: np.exp(A), "functions of NumPy and keras.ops can't take it"),
        (lambda: A @ B, r"Dense\(units, use_bias=False\)"),
        (lambda: [*A], "can't be unpacked"),
        (lambda: A[0], "along the batch axis"),
        (lambda: A[:, [0, 1]], "indexed by list"),
        (lambda: A[:, 0, 0], "it has 2 axes"),
        (lambda: A[:, 3], "index 3 is out of bounds"),
        (lambda: A[:, 1:1], "selects nothing"),
        (lambda: Dense(3)(Flatten()(Input((None, 3)))), "'dense'.*depend on the open size"),
        (lambda: A + Input((2,)), "same shape"),
        (lambda: Input((2,), dtype="float64"), "dtype.*Model"),
        (lambda: Input((2,), nome="x"), "Did you mean 'name'"),
        (lambda: Input((2,), name=3), "not a valid name"),  # type: ignore[arg-type]
    ],
)
def test_refusals(draw: Callable[[], Any], message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        draw()


def test_inputs_come_as_a_dict_by_their_names(tmp_path: Any) -> None:
    left, right = Input((3,), name="left"), Input((2,), name="right")
    model = Model(inputs=[left, right], outputs=Dense(1)(Dense(2)(left) + right))
    model.compile("adam", "mse")
    a, b, y = np.ones((8, 3)), np.zeros((8, 2)), np.arange(8.0)[:, None]
    data = {"right": b, "left": a}
    model.fit(data, y, verbose=0, validation_data=(data, y))
    listed = model.predict([a, b])
    np.testing.assert_array_equal(model.predict(data), listed)
    model.save(tmp_path / "model.safetensors")
    again = Model.load(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(again.predict(data), listed)
    with pytest.raises(GlassnetError, match="no array for the input 'right'"):
        model.predict({"left": a})
    with pytest.raises(GlassnetError, match="Did you mean 'left'"):
        model.predict({"lift": a, "right": b})
    with pytest.raises(GlassnetError, match="inputs have no names"):
        Model([Dense(1)], (3,)).predict({"x": a})
    twin = Input((3,), name="left")
    with pytest.raises(GlassnetError, match="not valid, distinct names"):
        Model(inputs=[left, twin], outputs=left + twin)


@pytest.mark.parametrize(
    "formula",
    [
        lambda x: x * 2.0 + 1,
        lambda x: 1 - x / 4,
        lambda x: -(x**2),
        lambda x: 3 / x - np.float32(2) * x,
        lambda x: x / (x * x),
        lambda x: x[:, 1:],
        lambda x: x[..., -1, None],
        lambda x: x[:, ::-2] ** 3,
    ],
)
def test_operators_with_numbers_and_indices(formula: Callable[[Any], Any]) -> None:
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    model = Model(inputs=A, outputs=formula(A))
    np.testing.assert_allclose(model.predict(x), formula(x), rtol=1e-5, atol=1e-6)
    assert model.output_shape == formula(x).shape[1:]


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_sequences_of_any_length(engine: str, tmp_path: Any) -> None:
    ids = Input((None,), dtype="int32")
    h = Embedding(10, 4, mask_zero=True)(ids)
    model = Model(ids, Dense(2, "softmax")(LSTM(5)(h)))
    assert [node.example_shape for node in model.nodes.values()] == [(None, 4), (5,), (2,)]
    model.compile("sgd", "sparse_categorical_crossentropy")
    rng = np.random.default_rng(0)
    for length in (3, 7):
        x, y = rng.integers(1, 10, (8, length)), rng.integers(0, 2, 8)
        held_out = rng.integers(1, 10, (8, length + 1)), y
        model.fit(x, y, validation_data=held_out, verbose=0, engine=engine)
    padded = np.concatenate((x, np.zeros((8, 4))), axis=1)
    np.testing.assert_allclose(model.predict(padded), model.predict(x), rtol=1e-5)
    model.save(tmp_path / "model.safetensors")
    again = Model.load(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(again.predict(padded), model.predict(padded))


def test_lengths_that_a_graph_can_t_join() -> None:
    a, b = Input((None, 4)), Input((None, 4))
    model = Model([a, b], Concatenate()(a, b))
    with pytest.raises(GlassnetError, match=r"'concatenate'.*differ only along axis -1"):
        model.predict([np.ones((2, 3, 4)), np.ones((2, 5, 4))])


def test_a_node_is_shown_without_the_graph_before_it() -> None:
    x = Input((3,), name="left")
    assert repr(x) == "<Node shape=(None, 3), name=left>"
    for _ in range(40):  # with its sources, 2**40 nodes
        x = Add(name="sum")(x, x)
    assert repr(x) == "<Node shape=(None, 3), name=sum>"


def test_the_batch_axis_is_no_part_of_a_shape() -> None:
    with pytest.raises(GlassnetError, match=r"takes no batch_shape\. Batches may have any size"):
        Input(batch_shape=(None, 3))  # type: ignore[call-arg]
