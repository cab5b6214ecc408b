"""The residual network."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import Residual
from glassnet.model.model import Model
from glassnet.networks import recipe
from tests.networks.helpers import slope_error


def test_it_is_resnet_20() -> None:
    model = Model("resnet", (28, 28), classes=10)
    blocks = [layer for layer in model.network.layers if isinstance(layer, Residual)]
    assert len(blocks) == 9  # two convolutions each, one before them and the dense layer: 20
    assert [bool(block.shortcut) for block in blocks] == [i in (3, 6) for i in range(9)]
    assert model.count_params() == 273_754


def test_gradients() -> None:
    network = recipe("resnet", classes=3, shape=(6, 6), filters=(2, 3), depth=1)
    assert slope_error(network, np.random.default_rng(0).random((4, 6, 6))) < 1e-6


def test_it_needs_filters() -> None:
    with pytest.raises(GlassnetError, match="filters"):
        recipe("resnet", classes=3, shape=(8, 8), filters=())
