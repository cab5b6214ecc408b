"""Tiny probabilities of the true class: Keras clips them on JAX and PyTorch, and we say so."""

import math

import keras
import numpy as np
import pytest

import glassnet as g
from glassnet.interop.keras import export as bridge
from glassnet.interop.keras.running.clipping import CLIPS
from tests.interop.keras.on_backend import BACKEND

X, Y = np.array([[20.0], [0.0]], "f4"), np.array([1, 1])


def model(loss: str = "sparse_categorical_crossentropy") -> g.Model:
    """Logits (x, 0): the first example's true class has the probability e⁻²⁰ = 2e-9."""
    softmax = loss != "binary_crossentropy"
    made = g.Model([g.Dense(1 + softmax, "softmax" if softmax else "sigmoid")], (1,))
    made.set_weights([np.array([[1.0, 0.0]] if softmax else [[-1.0]]), np.zeros(1 + softmax)])
    made.compile(g.SGD(1e-12), loss)
    return made


def test_keras_clips_where_glassnet_is_exact() -> None:
    ours = model().evaluate(X[:1], Y[:1], verbose=0)
    assert ours == pytest.approx(20, abs=1e-5)
    loss = keras.losses.SparseCategoricalCrossentropy()
    theirs = float(loss(Y[:1], np.array([[1.0, math.exp(-20)]], "f4")))
    assert theirs == pytest.approx(16.118, abs=1e-3)


@pytest.mark.parametrize("loss", ["sparse_categorical_crossentropy", "binary_crossentropy"])
def test_training_in_keras_says_so(loss: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("WARNING", "glassnet"):
        bridge.fit(model(loss), X, Y, backend=BACKEND, epochs=1)
        assert (CLIPS in caplog.text) == (BACKEND != "tensorflow")
        assert ("1 of the first 2 examples" in caplog.text) == (BACKEND != "tensorflow")
        caplog.clear()
        bridge.fit(model(loss), X[1:], Y[1:], backend=BACKEND, epochs=1)
        assert CLIPS not in caplog.text
