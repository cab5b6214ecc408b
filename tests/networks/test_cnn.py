"""The plain convolutional network."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import Dropout
from glassnet.model.model import Model
from glassnet.networks import recipe
from tests.networks.helpers import slope_error


def test_as_many_weights_as_it_says() -> None:
    model = Model("cnn", (28, 28), classes=10)
    assert model.count_params() == 289_066
    assert model.describe()["trainable"] == 288_170


def test_gradients() -> None:
    network = recipe("cnn", classes=3, shape=(8, 8), filters=(3, 4), depth=1)
    assert slope_error(network, np.random.default_rng(0).random((4, 8, 8))) < 1e-6


def test_options() -> None:
    plain = recipe("cnn", classes=3, shape=(8, 8), filters=(3,), dropout=0.0)
    assert not any(isinstance(layer, Dropout) for layer in plain.layers)
    assert plain.output_shape((8, 8)) == (3,)
    assert recipe("cnn", classes=3, shape=(5, 2)).output_shape((5, 2)) == (3,)  # pools end there
    with pytest.raises(GlassnetError, match="depth"):
        recipe("cnn", classes=3, shape=(8, 8), depth=0)
    with pytest.raises(GlassnetError, match="filters"):
        recipe("cnn", classes=3, shape=(8, 8), filters=())
