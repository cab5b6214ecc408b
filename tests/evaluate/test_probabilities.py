"""The outputs that commands show are probabilities, or are not called so."""

import numpy as np
import pytest

from glassnet import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    Dense,
    Model,
    SparseCategoricalCrossentropy,
)
from glassnet.evaluate.probabilities import activated, answers, scores_of
from glassnet.losses import Loss

X = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("temperature", [None, 2.0])
@pytest.mark.parametrize(
    "loss",
    [SparseCategoricalCrossentropy(from_logits=True), CategoricalCrossentropy(from_logits=True)],
)
def test_logits_are_shown_as_the_probabilities_of_the_loss(
    loss: Loss, temperature: float | None
) -> None:
    model = Model([Dense(3)], (4,))
    model.compile("sgd", loss)
    if temperature is not None:
        model.about["temperature"] = temperature
    outputs, are_probabilities = answers(model, X, "")
    assert are_probabilities
    logits = model.predict(X).astype(np.float64)
    np.testing.assert_allclose(outputs, softmax(logits / (temperature or 1)), rtol=1e-12)


def test_binary_logits_are_shown_as_probabilities_each() -> None:
    model = Model([Dense(3)], (4,))
    model.compile("sgd", BinaryCrossentropy(from_logits=True))
    outputs, are_probabilities = answers(model, X, "")
    assert are_probabilities
    np.testing.assert_allclose(outputs, 1 / (1 + np.exp(-model.predict(X).astype(np.float64))))


@pytest.mark.parametrize(
    ("activation", "loss", "are"),
    [("softmax", "categorical_crossentropy", True), ("sigmoid", "mse", True), (None, "mse", False)],
)
def test_other_outputs_are_shown_as_they_are(activation: str | None, loss: str, are: bool) -> None:
    model = Model([Dense(3, activation)], (4,))
    for _ in range(2):  # not compiled, and compiled
        outputs, are_probabilities = answers(model, X, "")
        np.testing.assert_array_equal(outputs, model.predict(X))
        assert are_probabilities is are
        model.compile("sgd", loss)


def test_scores_become_the_outputs_that_a_user_sees() -> None:
    for activation, loss in (
        ("sigmoid", "binary_crossentropy"), ("softmax", "categorical_crossentropy"), (None, "mse"),
    ):  # fmt: skip
        model = Model([Dense(3, activation)], (4,))
        model.compile("sgd", loss)
        np.testing.assert_allclose(
            activated(model, scores_of(model, X)), model.predict(X), rtol=1e-5, atol=1e-7
        )
