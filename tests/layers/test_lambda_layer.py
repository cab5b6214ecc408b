"""`Lambda`: shapes, derivative, both engines, masks, files and what is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import Concatenate, Dense, GlassnetError, Input, Lambda, Model, gradcheck, register

X = np.random.default_rng(0).normal(size=(20, 4)).astype("float32")


def halves(x: Any) -> Any:
    return x[:, :2] * x[:, 2:]


def pairs(inputs: Any) -> Any:
    a, b = inputs
    return a * b


def test_the_output_shape_is_that_of_the_value() -> None:
    assert Lambda(halves).output_shape((4,)) == (2,)
    assert Lambda(lambda x: x.sum(axis=-1)).output_shape((3, 4)) == (3,)
    assert Lambda(pairs).output_shape(((3,), (3,))) == (3,)
    with pytest.raises(GlassnetError, match=r"layer 'lambda'.*shape \(\) for 2 examples"):
        Model([Lambda(lambda x: x.mean())], (4,))


@pytest.mark.filterwarnings("ignore:The trained model can't be saved")
def test_it_trains_as_the_formula_does() -> None:
    pytest.importorskip("jax")
    gradcheck(Lambda(halves), X)
    gradcheck(Lambda(pairs), (X, X + 1))
    histories = []
    for layers, x in (([Lambda(lambda x: x / 2)], X), ([], X / 2)):
        model = Model([*layers, Dense(3), Dense(1)])
        model.compile("sgd", "mse")
        history = model.fit(x, X.sum(axis=1), epochs=2, verbose=0)
        histories.append(history.history["loss"])
    np.testing.assert_allclose(histories[0], histories[1], rtol=1e-5)


def test_multiple_inputs_in_a_graph(own_registry: None, tmp_path: Path) -> None:
    pytest.importorskip("jax")
    register("layer")(pairs)
    a, b = Input((4,)), Input((4,))
    model = Model([a, b], Dense(1)(Concatenate()(Lambda(pairs)([a, b]), a)))
    model.compile("sgd", "mse")
    model.fit([X, X + 1], X.sum(axis=1), verbose=0)
    model.save(tmp_path / "m.safetensors")
    again = Model.load(tmp_path / "m.safetensors")
    np.testing.assert_array_equal(again.predict([X, X]), model.predict([X, X]))


def test_what_is_refused() -> None:
    with pytest.raises(GlassnetError, match="Lambda: takes a function, got 3"):
        Lambda(3)  # type: ignore[arg-type]
    with pytest.raises(GlassnetError, match=r"Lambda: takes no output_shape. It is inferred"):
        Lambda(halves, output_shape=(2,))  # type: ignore[call-arg]
    with pytest.raises(GlassnetError, match=r"takes no arguments. Give the function defaults"):
        Lambda(halves, arguments={})  # type: ignore[call-arg]
    model = Model([Lambda(lambda x: x), Dense(1)], (4,))
    with pytest.raises(GlassnetError, match=r'Give it a name: @register\("layer"\), and def my_la'):
        model.save("never.safetensors")
