"""A data set in which a patch alone determines the class, and networks trained on it."""

import numpy as np
import pytest

from glassnet import Model
from glassnet.core.trees import Array
from glassnet.layers import Activation, Conv2D, Dense, Flatten, MaxPooling2D, Reshape
from glassnet.layers.regularizers import L1

PATCH = (slice(3, 7), slice(5, 9))


def planted(rows: int, seed: int) -> tuple[Array, Array]:
    """Noise, 12×12, with a 4×4 patch of vertical stripes, horizontal stripes or a checkerboard."""
    rng = np.random.default_rng(seed)
    i, j = np.indices((4, 4))
    patterns = np.stack([i % 2, j % 2, (i + j) % 2])
    x, y = rng.random((rows, 12, 12)), rng.integers(0, 3, rows)
    x[:, *PATCH] = patterns[y]
    return x.astype("float32"), y


@pytest.fixture(scope="session")
def mlp() -> Model:
    """One hidden layer; the penalty makes it ignore pixels that don't matter."""
    model = Model([
        Flatten(),
        Dense(16, "relu", kernel_regularizer=L1(3e-3)),
        Dense(3, "softmax"),
    ])  # fmt: skip
    return trained(model, epochs=40)


@pytest.fixture(scope="session")
def cnn() -> Model:
    """Two convolutions; the softmax is a layer of its own."""
    model = Model([
        Reshape((12, 12, 1)),
        Conv2D(8, 3, activation="relu", padding="same"),
        MaxPooling2D(2),
        Conv2D(8, 3, activation="relu", padding="same"),
        Flatten(),
        Dense(3),
        Activation("softmax"),
    ])  # fmt: skip
    return trained(model, epochs=8)


def trained(model: Model, epochs: int) -> Model:
    """The model, trained to distinguish the patches."""
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    x, y = planted(3000, seed=0)
    model.fit(x, y, batch_size=64, epochs=epochs, verbose=0)
    assert model.evaluate(*planted(200, seed=1), verbose=0)[1] > 0.97
    return model
