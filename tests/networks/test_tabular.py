"""The network for tables."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data.preprocessing import Features
from glassnet.layers import (
    Activation,
    CategoryEmbedding,
    Dense,
    Dropout,
    EinsumDense,
    GlobalAveragePooling1D,
    PiecewiseLinearEncoding,
    Reshape,
    Sequential,
)
from glassnet.layers.regularizers import Ambiguity
from glassnet.networks import recipe
from tests.networks.helpers import slope_error

FEATURES = Features(("a", "b", "c"), ((1, 40),), ((0, (-1.0, 0.0, 1.0, 2.0, 3.0)),))


def test_layers() -> None:
    network = recipe("tabular", classes=3, hidden=(5, 4), members=2, dropout=0.1, features=FEATURES)
    head = EinsumDense(
        "bmh,mho->bmo", (2, 3), None, "mo", activity_regularizer=Ambiguity("softmax")
    )
    assert network == Sequential(
        (
            PiecewiseLinearEncoding((0,), ((-1, 0, 1, 2, 3),), 0.5),
            CategoryEmbedding((1,), (40,), (7,)),
            Dense(10, "relu"), Reshape((2, 5)), Dropout(0.1), Dense(4, "relu"), Dropout(0.1),
            head, GlobalAveragePooling1D(), Activation("softmax"),
        )
    )  # fmt: skip


def test_without_numbers_or_with_another_output() -> None:
    plain = recipe(
        "tabular", classes=1, dropout=0.0, output_activation="tanh", features=Features(("a",))
    )
    assert [type(layer) for layer in plain.layers[:2]] == [Dense, Reshape]
    assert plain.layers[-3].activity_regularizer is None
    assert plain == replace(recipe("tabular", classes=1, dropout=0.0, output_activation="tanh"))


@pytest.mark.parametrize("output", ["softmax", "linear"])
def test_gradients(output: str) -> None:
    network = recipe(
        "tabular", classes=3, hidden=(4, 4), members=2, dropout=0.0, output_activation=output,
        features=FEATURES,
    )  # fmt: skip
    x = np.random.default_rng(0).normal(size=(6, 3))
    x[:, 1] = [0, 39, 1, 2, 3, 3]
    assert slope_error(network, x) < 1e-6


@pytest.mark.parametrize("options", [{"hidden": ()}, {"members": 0}, {"hidden": (0,)}])
def test_errors(options: dict[str, Any]) -> None:
    with pytest.raises(GlassnetError, match="tabular"):
        recipe("tabular", classes=2, **options)
