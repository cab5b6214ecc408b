"""UpSampling2D; its numbers are tested with the ops."""

import pytest

from glassnet.core.registry import build, describe
from glassnet.layers import UpSampling2D
from glassnet.verify.cases.base import numbers


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_shapes(interpolation: str) -> None:
    layer = UpSampling2D((2, 3), interpolation)
    assert layer.output_shape((4, 5, 1)) == (8, 15, 1)
    assert layer.forward({}, numbers(2, 4, 5, 1))[0].shape == (2, 8, 15, 1)
    assert build("layer", describe(layer)) == layer
    assert UpSampling2D() == UpSampling2D((2, 2))
