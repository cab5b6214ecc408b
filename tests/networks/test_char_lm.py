"""The byte-level language model."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.model.model import Model
from glassnet.networks import recipe
from tests.networks.helpers import made, slope_error

SMALL = {"vocabulary": 9, "width": 4, "depth": 2, "heads": 2}


def test_gradients() -> None:
    network = recipe("char-lm", classes=8, shape=(5,), **SMALL)
    assert slope_error(network, np.array([[1, 2, 3, 1, 2], [4, 5, 6, 7, 8]])) < 1e-6


def test_it_does_not_see_what_comes_after() -> None:
    network = recipe("char-lm", classes=8, shape=(5,), **SMALL)
    params = made(network, (5,))
    outputs, _ = network.forward(params, np.array([[1, 2, 3, 4, 5], [1, 2, 3, 0, 0]]))
    np.testing.assert_allclose(outputs[0, :3], outputs[1, :3], rtol=1e-12)
    assert abs(outputs[0, 3:] - outputs[1, 3:]).max() > 1e-3
    np.testing.assert_allclose(outputs.sum(axis=-1), 1)


def test_a_sequence_is_learned() -> None:
    x = (np.arange(12) + np.arange(40)[:, None]) % 8
    model = Model("char-lm", (12,), classes=8, shape=(12,), vocabulary=9, width=16, depth=1,
                  heads=2, dropout=0.0)  # fmt: skip
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    history = model.fit(x + 1, (x + 1) % 8, batch_size=10, epochs=40, verbose=0)
    assert history.history["accuracy"][-1] > 0.99


def test_it_needs_tokens() -> None:
    with pytest.raises(GlassnetError, match=r"char-lm: reads texts.*\(28, 28\)"):
        recipe("char-lm", classes=256, shape=(28, 28), vocabulary=None)


def test_it_needs_a_block() -> None:
    with pytest.raises(GlassnetError, match="char-lm: depth"):
        recipe("char-lm", classes=8, shape=(5,), vocabulary=9, depth=0)
