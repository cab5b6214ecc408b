"""LeNet-5."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.model.model import Model
from glassnet.networks import recipe
from tests.networks.helpers import slope_error


def test_weights_of_the_paper() -> None:
    assert Model("lenet", (28, 28), classes=10).count_params() == 61_706


def test_gradients() -> None:
    network = recipe("lenet", classes=3, shape=(12, 12, 2), filters=(2, 3), hidden=(5,))
    assert slope_error(network, np.random.default_rng(0).random((4, 12, 12, 2))) < 1e-6


def test_images_too_small_and_other_shapes() -> None:
    with pytest.raises(GlassnetError, match=r"lenet: its convolution 2 .* 8 × 8 .*Use cnn"):
        Model("lenet", (8, 8), classes=10, shape=(8, 8))
    with pytest.raises(GlassnetError, match=r"lenet: reads images.*shape \(64,\).*Use mlp"):
        recipe("lenet", classes=10, shape=(64,))


def test_it_needs_filters() -> None:
    with pytest.raises(GlassnetError, match="lenet: filters: needs at least one number"):
        recipe("lenet", classes=10, shape=(28, 28), filters=())
