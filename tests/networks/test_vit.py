"""The vision transformer."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.model.model import Model
from glassnet.networks import recipe
from tests.networks.helpers import slope_error


def test_size() -> None:
    model = Model("vit", (28, 28), classes=10)
    assert model.count_params() == 223_658
    assert (49, 64) in model.network.shapes((28, 28))
    plain = Model("vit", (28, 28), classes=10, stem="patches")
    assert plain.count_params() == 205_834
    assert (49, 64) in plain.network.shapes((28, 28))


@pytest.mark.parametrize(("stem", "patch"), [("patches", 2), ("convolutions", 4)])
def test_gradients(stem: str, patch: int) -> None:
    network = recipe("vit", classes=3, shape=(4, 6), patch=patch, stem=stem, width=4, depth=1,
                     heads=2)  # fmt: skip
    assert slope_error(network, np.random.default_rng(0).random((3, 4, 6))) < 1e-6


@pytest.mark.parametrize(("side", "places"), [(28, 16), (8, 1), (7, 1), (9, 4), (30, 16)])
def test_a_place_for_each_patch_also_at_the_edges(side: int, places: int) -> None:
    network = recipe("vit", classes=3, shape=(side, side), patch=8, width=8, depth=1)
    assert (places, 8) in network.shapes((side, side))


@pytest.mark.parametrize("patch", [0, -4, 1, 3, 12])
def test_convolutions_halve(patch: int) -> None:
    with pytest.raises(GlassnetError, match="patch: must be 2, 4, 8"):
        recipe("vit", classes=10, shape=(28, 28), patch=patch)


def test_unknown_stem() -> None:
    with pytest.raises(GlassnetError, match="Did you mean 'patches'"):
        recipe("vit", classes=10, shape=(28, 28), stem="patch")


def test_patches_that_do_not_fit() -> None:
    with pytest.raises(GlassnetError, match=r"5×5 do not fill.*28×28.*2, 4, 7, 14, 28"):
        recipe("vit", classes=10, shape=(28, 28), patch=5, stem="patches")
    with pytest.raises(GlassnetError, match="3 heads can't share a width of 64"):
        recipe("vit", classes=10, shape=(28, 28), heads=3)


def test_patches_that_fit_are_named_and_blocks_are_needed() -> None:
    with pytest.raises(GlassnetError, match=r"Use one of 1\."):
        recipe("vit", classes=10, shape=(7, 5), patch=4, stem="patches")
    with pytest.raises(GlassnetError, match="Use one of 1, 2, 4, 8"):
        recipe("vit", classes=10, shape=(8, 8), patch=3, stem="patches")
    for depth in (0, -2):
        with pytest.raises(GlassnetError, match="vit: depth: must be a whole number ≥ 1"):
            recipe("vit", classes=10, shape=(8, 8), depth=depth)
