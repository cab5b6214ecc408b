"""The multilayer perceptron's recipe."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import (
    Activation,
    BatchNormalization,
    Dense,
    Dropout,
    Flatten,
    LayerNormalization,
    Rescaling,
    Sequential,
)
from glassnet.layers.regularizers import L1L2
from glassnet.networks import recipe
from tests.networks.helpers import slope_error


@pytest.mark.parametrize(
    ("options", "layers"),
    [
        ({}, (Flatten(), Dense(128, "relu"), Dense(10, "softmax"))),
        ({"hidden": ()}, (Flatten(), Dense(10, "softmax"))),
        (
            {"hidden": (5, 4), "activation": "tanh", "output_activation": "sigmoid"},
            (Flatten(), Dense(5, "tanh"), Dense(4, "tanh"), Dense(10, "sigmoid")),
        ),
        (
            {"hidden": (5,), "dropout": 0.2, "rescaling": Rescaling(0.5)},
            (Flatten(), Rescaling(0.5), Dense(5, "relu"), Dropout(0.2), Dense(10, "softmax")),
        ),
        (
            {"hidden": (5,), "l1": 0.1, "l2": 0.2},
            (
                Flatten(),
                Dense(5, "relu", kernel_regularizer=L1L2(0.1, 0.2)),
                Dense(10, "softmax", kernel_regularizer=L1L2(0.1, 0.2)),
            ),
        ),
    ],
)
def test_layers(options: dict, layers: tuple) -> None:
    assert recipe("mlp", classes=10, **options) == Sequential(layers)


def test_hidden_may_be_any_sequence_of_whole_numbers() -> None:
    network = recipe("mlp", classes=2, hidden=[3])
    assert network.init(np.random.default_rng(0), (2, 2))[1] == (2,)


@pytest.mark.parametrize("kind", [BatchNormalization, LayerNormalization])
def test_normalization_stands_before_the_activation(kind: type) -> None:
    name = "batch" if kind is BatchNormalization else "layer"
    network = recipe("mlp", classes=3, hidden=(5,), normalization=name, dropout=0.1)
    assert network == Sequential(
        (
            Flatten(), Dense(5, use_bias=False), kind(), Activation("relu"), Dropout(0.1),
            Dense(3, "softmax"),
        )
    )  # fmt: skip
    assert slope_error(network, np.random.default_rng(0).random((6, 4))) < 1e-6


def test_unknown_normalization() -> None:
    with pytest.raises(GlassnetError, match=r"mlp: unknown normalization 'bach'\. Did you mean"):
        recipe("mlp", classes=3, normalization="bach")
