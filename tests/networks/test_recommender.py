"""The recommender's recipe."""

import numpy as np
import pytest

from glassnet.data.preprocessing import Features
from glassnet.layers import CategoryEmbedding, Dense, Dropout, Sequential, UnitNormalization
from glassnet.model.model import Model
from glassnet.networks import recipe
from tests.networks.helpers import slope_error


def test_layers() -> None:
    assert recipe("recommender", classes=9) == Sequential(
        (UnitNormalization(), Dropout(0.7), Dense(128, "tanh"), Dense(9, "softmax"))
    )
    assert recipe(
        "recommender", classes=9, hidden=(4, 3), dropout=0.0, activation="relu"
    ) == Sequential((UnitNormalization(), Dense(4, "relu"), Dense(3, "relu"), Dense(9, "softmax")))


def test_layers_of_ratings() -> None:
    features = Features(("user", "item"), ((0, 50), (1, 100)))
    assert recipe("recommender", classes=1, hidden=(4,), dropout=0.5, features=features,
                  activation="relu", output_activation="linear") == Sequential((
        CategoryEmbedding((0, 1), (50, 100), (8, 10)), Dropout(0.5), Dense(4, "relu"),
        Dropout(0.5), Dense(1, "linear"),
    ))  # fmt: skip


def test_slopes() -> None:
    network = recipe("recommender", classes=5, hidden=(3,), dropout=0.0)
    assert slope_error(network, np.array([[1.0, 0, 1, 0, 0], [0, 1, 1, 1, 0]])) < 1e-6


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_a_user_without_items_gets_finite_probabilities(engine: str) -> None:
    pytest.importorskip("jax")
    model = Model(recipe("recommender", classes=5, dropout=0.1), (5,), seed=0)
    model.compile("adam", "categorical_crossentropy")
    x = np.concatenate([np.zeros((1, 5)), np.eye(5)]).astype(np.uint8)
    y = np.concatenate([np.eye(5)[:1], np.eye(5)]).astype(np.float32)
    model.fit(x, y, epochs=2, verbose=0, engine=engine)
    outputs = model.predict(x)
    np.testing.assert_allclose(outputs.sum(axis=1), 1, rtol=1e-5)
