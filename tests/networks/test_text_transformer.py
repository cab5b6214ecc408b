"""The transformer that classifies texts."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.networks import recipe
from tests.networks.helpers import made, slope_error

SMALL = {"vocabulary": 9, "width": 4, "depth": 2, "heads": 2}


def test_gradients() -> None:
    network = recipe("text-transformer", classes=3, shape=(5,), **SMALL)
    assert slope_error(network, np.array([[1, 2, 3, 0, 0], [4, 5, 6, 7, 8]])) < 1e-6


def test_padding_changes_nothing() -> None:
    network = recipe("text-transformer", classes=3, shape=(6,), **SMALL)
    params = made(network, (6,))
    short = network.forward(params, np.array([[3, 4, 5, 0]]))[0]
    long = network.forward(params, np.array([[3, 4, 5, 0, 0, 0]]))[0]
    np.testing.assert_allclose(short, long, rtol=1e-12)


def test_it_needs_tokens() -> None:
    with pytest.raises(GlassnetError, match=r"text-transformer: reads texts.*vocabulary"):
        recipe("text-transformer", classes=3, shape=(28, 28), vocabulary=None)


def test_it_needs_a_block() -> None:
    with pytest.raises(GlassnetError, match="text-transformer: depth"):
        recipe("text-transformer", classes=8, shape=(5,), vocabulary=9, depth=0)
