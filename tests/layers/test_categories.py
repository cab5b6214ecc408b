"""CategoryEncoding and Discretization: shapes, models, and what they refuse."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet import GlassnetError, Model
from glassnet.layers import CategoryEncoding, Dense, Discretization, Flatten, Input

X = np.random.default_rng(0).normal(size=(12, 3)).astype("float32")
NUMBERS = np.array([[0, 1], [2, 3]], "int32")


@pytest.mark.parametrize(
    ("shape", "mode", "wanted"),
    [
        ((3,), "multi_hot", (4,)),
        ((3,), "count", (4,)),
        ((3,), "one_hot", (3, 4)),
        ((1,), "one_hot", (4,)),
        ((), "one_hot", (4,)),
        ((2, 1), "one_hot", (2, 4)),
    ],
)
def test_the_shape_of_encodings(shape: tuple[int, ...], mode: str, wanted: tuple[int, ...]) -> None:
    layer = CategoryEncoding(4, mode)
    assert layer.output_shape(shape) == wanted
    assert layer.forward({}, np.zeros((2, *shape)))[0].shape == (2, *wanted)


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_bins_are_encoded_and_trained_on(engine: str, tmp_path: Path) -> None:
    if engine == "jax":
        pytest.importorskip("jax")
    bins, codes = Discretization([-0.5, 0.5]), CategoryEncoding(3, "one_hot")
    model = Model([bins, codes, Flatten(), Dense(1)], (3,), seed=0)
    model.compile("sgd", "mse")
    before = model.evaluate(X, X[:, 0], verbose=0)
    model.fit(X, X[:, 0], epochs=5, verbose=0, engine=engine)
    assert model.evaluate(X, X[:, 0], verbose=0) < before
    model.save(tmp_path / "m.safetensors")
    loaded = glassnet.load_model(tmp_path / "m.safetensors")
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert loaded.layers[0].bin_boundaries == (-0.5, 0.5)


def test_the_row_of_an_integer_outside_is_named() -> None:
    model = Model([CategoryEncoding(3), Dense(1)], (2,))
    model.compile("sgd", "mse")
    wanted = r"x: row 1 contains 3, but CategoryEncoding encodes 0 to 2. Set num_tokens to "
    with pytest.raises(GlassnetError, match=wanted):
        model.fit(NUMBERS, np.zeros(2), verbose=0)
    with pytest.raises(GlassnetError, match="row 0 contains numbers that are not integers"):
        model.predict(NUMBERS / 2)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: CategoryEncoding(0), "num_tokens: must be a whole number ≥ 1"),
        (lambda: CategoryEncoding(3, "int"), "unknown output_mode 'int'"),
        (lambda: CategoryEncoding(3, sparse=True), "dense arrays"),
        (lambda: CategoryEncoding(3, "count")(Input((2,)), count_weights=Input((2,))), "Dot"),
        (lambda: CategoryEncoding(3)(Input((2, 3))), "one_hot"),
        (lambda: CategoryEncoding(3)(Input(())), "one_hot"),
        (lambda: Discretization(num_bins=3), "quantile"),
        (lambda: Discretization([0.0]).adapt(X), "quantile"),
        (lambda: Discretization([0.0], output_mode="one_hot"), "CategoryEncoding"),
        (lambda: Discretization([1.0, 0.0]), "must be increasing numbers"),
        (lambda: Discretization([]), "must be increasing numbers"),
        (lambda: Discretization(["a"]), "must be increasing numbers"),
    ],
)
def test_refused(call: Any, words: str) -> None:
    with pytest.raises(GlassnetError, match=words):
        call()


def test_keras_s_defaults_are_accepted() -> None:
    assert Discretization([0.0], output_mode="int", sparse=False) == Discretization([0.0])
    assert CategoryEncoding(2, "multi_hot", sparse=False) == CategoryEncoding(2)
