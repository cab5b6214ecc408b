"""Nodes: the layers that operators build, and errors for those they can't."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from glassnet import Add, Dense, GlassnetError, Input, Model
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
        (lambda: A + 1, "Rescaling"),
        (lambda: 2 * A, "Rescaling"),
        (lambda: 2 - A, "Rescaling"),
        (lambda: A / B, "by other nodes"),
        (lambda: A[:, 1], "Cropping1D"),
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
