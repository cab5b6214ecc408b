"""Upsampling layers; their numbers are tested with the ops."""

import pytest

from glassnet.core.registry import build, describe
from glassnet.layers import UpSampling1D, UpSampling2D, UpSampling3D
from glassnet.verify.cases.base import numbers


@pytest.mark.parametrize("layer", [UpSampling1D(3), UpSampling3D((2, 1, 3))])
def test_steps_and_voxels_are_repeated(layer: UpSampling1D | UpSampling3D) -> None:
    shape = (4, 2, 5)[: layer.rank]
    x = numbers(2, *shape, 3)
    y, _ = layer.forward({}, x)
    assert y.shape[1:] == layer.output_shape((*shape, 3))
    assert (y[:, ::3] == x).all() if layer.rank == 1 else (y[:, 1::2, :, 2::3] == x).all()
    assert build("layer", describe(layer)) == layer


@pytest.mark.parametrize(
    "interpolation", ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"]
)
def test_shapes(interpolation: str) -> None:
    layer = UpSampling2D((2, 3), interpolation)
    assert layer.output_shape((4, 5, 1)) == (8, 15, 1)
    assert layer.forward({}, numbers(2, 4, 5, 1))[0].shape == (2, 8, 15, 1)
    assert build("layer", describe(layer)) == layer
    assert UpSampling2D() == UpSampling2D((2, 2))
    assert layer.keeps_probabilities == (interpolation in ("nearest", "bilinear"))
