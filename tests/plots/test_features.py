"""Feature maps."""

import numpy as np

from glassnet.plots.features import feature_maps
from tests.plots.given import pictures, texts


def test_the_liveliest_maps_of_each_layer_under_the_image() -> None:
    maps = np.random.default_rng(0).normal(size=(4, 4, 12)) * np.arange(12)
    figure = feature_maps(np.zeros((8, 8)), {"conv": maps, "conv_1": maps[..., 1:3]})
    shown = pictures(figure)
    assert len(shown) == 1 + 8 + 2
    assert not any(np.array_equal(one, maps[..., 0]) for one in shown)  # which is 0 everywhere
    assert "conv: 8 of 12 maps of 4×4" in texts(figure)


def test_of_very_many_layers_some_and_it_says_so() -> None:
    maps = {f"conv_{i}": np.zeros((2, 2, 1)) for i in range(30)}
    figure = feature_maps(np.zeros((8, 8)), maps)
    assert len(pictures(figure)) == 1 + 12
    assert "An image and its feature maps (12 of 30 layers)" in texts(figure)
