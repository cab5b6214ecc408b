"""The vision transformer."""

import numpy as np
import pytest

from glassnet.errors import GlassnetError
from glassnet.model import Model
from glassnet.networks import recipe
from tests.networks.helpers import slope_error


def test_size() -> None:
    model = Model("vit", (28, 28), classes=10)
    assert model.count_params() == 205_834
    shapes = model.network.shapes((28, 28))
    assert (49, 64) in shapes


def test_gradients() -> None:
    network = recipe("vit", classes=3, shape=(4, 6), patch=2, width=4, depth=1, heads=2)
    assert slope_error(network, np.random.default_rng(0).random((3, 4, 6))) < 1e-6


def test_patches_that_do_not_fit() -> None:
    with pytest.raises(GlassnetError, match=r"5×5 do not fill.*28×28.*2, 4, 7, 14, 28"):
        recipe("vit", classes=10, shape=(28, 28), patch=5)
    with pytest.raises(GlassnetError, match="3 heads can't share a width of 64"):
        recipe("vit", classes=10, shape=(28, 28), heads=3)
