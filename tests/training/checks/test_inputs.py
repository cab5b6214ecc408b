"""Checks of Embedding inputs, before anything is computed."""

from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data.augmentation import MixUp
from glassnet.layers import (
    Concatenate,
    Dense,
    Embedding,
    Flatten,
    GlobalAveragePooling1D,
    Graph,
    Input,
    Layer,
    Reshape,
    Sequential,
)
from glassnet.model.model import Model
from glassnet.optimizers import SGD
from glassnet.training.checks.inputs import checked_rows, embedding_inputs

TABLE = Embedding(5, 2)


def joined() -> Graph:
    """Two inputs, of which the second is reshaped and then looked up by an Embedding."""
    a, b = Input((2,)), Input((2, 2))
    return Graph.between([a, b], Concatenate()(a, GlobalAveragePooling1D()(TABLE(Flatten()(b)))))


@pytest.mark.parametrize(
    ("network", "found"),
    [
        (TABLE, [0]),
        (Sequential((Reshape((4,)), Sequential((TABLE, Dense(2))))), [0]),
        (Sequential((Dense(2), TABLE)), []),
        (joined(), [1]),
    ],
)
def test_the_inputs_that_are_looked_up(network: Layer, found: list[int]) -> None:
    assert list(embedding_inputs(network)) == [(number, TABLE) for number in found]


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ([[0, 1], [4, 2.5]], "x: row 1 contains numbers that are not integers"),
        ([[0, 1], [4, 5]], "x: row 1 looks up row 5 of .* rows 0 to 4. Set input_dim to"),
        ([[0.0, -1], [4, 3]], "x: row 0 looks up row -1"),
    ],
)
def test_what_is_no_row(x: Any, message: str) -> None:
    x = np.array(x)
    with pytest.raises(GlassnetError, match=message):
        checked_rows(TABLE, x)
    with pytest.raises(GlassnetError, match=message.replace("x:", r"x\[1\]:")):
        checked_rows(joined(), (x, x[:, :, None]))


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_every_engine_and_prediction_say_the_same(engine: str) -> None:
    if engine == "jax":
        pytest.importorskip("jax")
    model = Model([TABLE, Flatten(), Dense(1)], (2,))
    model.compile("sgd", "mse")
    x, y = np.array([[0, 1], [7, 2]]), np.zeros(2)
    with pytest.raises(GlassnetError, match="x: row 1 looks up row 7"):
        model.fit(x, y, engine=engine, verbose=0)
    with pytest.raises(GlassnetError, match="x: row 1 looks up row 7"):
        model.evaluate(x, y, verbose=0)
    with pytest.raises(GlassnetError, match="x: row 1 looks up row 7"):
        model.predict(x)


def test_augmentation_of_numbers_that_are_looked_up_is_refused() -> None:
    model = Model([TABLE, Flatten(), Dense(2, "softmax")], (2,))
    model.compile("sgd", "categorical_crossentropy")
    with pytest.raises(GlassnetError, match="augment: changes the inputs, so an Embedding"):
        model.fit(np.zeros((2, 2)), np.eye(2), augment=MixUp(), verbose=0)


@pytest.mark.parametrize("kind", [">i2", ">u2", ">i4", ">f4", ">f8", "<i2"])
@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_numbers_in_the_other_byte_order_are_the_same_numbers(engine: str, kind: str) -> None:
    x = np.arange(24).reshape(6, 4) // 6
    weights = []
    for array in (x.astype("f4"), x.astype(kind)):
        model = Model([Dense(2)], (4,))
        model.compile(SGD(1e-4), "mse")
        model.fit(array, x[:, :2] / 4, verbose=0, engine=engine)
        weights.append(model.get_weights()[0])
    np.testing.assert_array_equal(*weights)
