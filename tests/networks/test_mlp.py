"""The multi-layer perceptron's recipe."""

import numpy as np
import pytest

from glassnet.layers import Dense, Dropout, Flatten, Rescaling, Sequential
from glassnet.layers.regularizers import L1L2
from glassnet.networks import recipe


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
