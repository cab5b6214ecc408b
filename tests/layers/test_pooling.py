"""Pooling layers; their numbers are tested with the ops."""

import numpy as np
import pytest

from glassnet import layers
from glassnet.core.registry import build, describe
from glassnet.layers import CallContext
from glassnet.verify.cases.base import numbers


@pytest.mark.parametrize("cls", [layers.MaxPooling2D, layers.AveragePooling2D])
@pytest.mark.parametrize(
    ("arguments", "shape"),
    [((), (6, 4)), ((3, 2), (6, 4)), ((3, 2, "same"), (7, 5)), (((2, 3), (1, 2)), (12, 4))],
)
def test_output_shapes(cls: type[layers.Layer], arguments: tuple, shape: tuple[int, int]) -> None:
    layer = cls(*arguments)
    assert layer.output_shape((13, 9, 3)) == (*shape, 3)
    assert layer.forward({}, numbers(2, 13, 9, 3))[0].shape == (2, *shape, 3)
    assert build("layer", describe(layer)) == layer


def test_without_strides_windows_lie_side_by_side() -> None:
    assert layers.MaxPooling1D(3) == layers.MaxPooling1D((3,), (3,))


@pytest.mark.parametrize("cls", [layers.GlobalMaxPooling2D, layers.GlobalAveragePooling2D])
def test_global_pooling(cls: type[layers.Layer]) -> None:
    for layer, shape in ((cls(), (3,)), (cls(keepdims=True), (1, 1, 3))):
        assert layer.output_shape((5, 4, 3)) == shape
        assert layer.forward({}, numbers(2, 5, 4, 3))[0].shape == (2, *shape)


def test_the_mean_leaves_padding_out_and_ends_the_mask() -> None:
    layer, x = layers.GlobalAveragePooling1D(), numbers(2, 4, 3)
    mask = np.array([[True, True, False, False], [True] * 4])
    y, _ = layer.forward({}, x, CallContext(mask=mask))
    np.testing.assert_allclose(y, [x[0, :2].mean(axis=0), x[1].mean(axis=0)])
    assert layer.output_mask(x, mask) is None
