"""The layer that encodes columns of numbers, by hand."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import build, describe
from glassnet.layers import PiecewiseLinearEncoding

X = np.array([[1.0, 0.5], [2.0, 3.0]], np.float32)
LAYER = PiecewiseLinearEncoding((1, 0), ((0, 1, 5), (1.5, 2.5)), 0.5)


def test_bins_follow_the_columns_in_order() -> None:
    y, pullback = LAYER.forward({}, X)
    assert y.dtype == np.float32
    assert y.tolist() == [[1, 0.5, 0.25, 0, 0], [2, 3, 0.5, 0.25, 0.25]]
    dx, gradients = pullback(np.ones((2, 5), np.float32))
    assert dx.tolist() == [[1, 1.5], [1.5, 1.125]]
    assert gradients == {}


def test_shape_and_configuration() -> None:
    assert LAYER.output_shape((2,)) == (5,)
    assert LAYER.weights((2,)) == {}
    assert build("layer", describe(LAYER)) == LAYER


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: PiecewiseLinearEncoding((), ()), "columns: needs columns, each named once"),
        (lambda: PiecewiseLinearEncoding((0, 0), ((0, 1), (0, 1))), "each named once"),
        (lambda: PiecewiseLinearEncoding((0,), ()), "boundaries: needs those of 1 columns, got 0"),
        (lambda: PiecewiseLinearEncoding((0,), ((0, 1, 1),)), "must be two or more rising"),
        (lambda: PiecewiseLinearEncoding((0,), ((0, 1e-60, 1),)), "must be two or more rising"),
        (lambda: PiecewiseLinearEncoding((0,), ((0, float("nan")),)), "two or more rising"),
        (lambda: PiecewiseLinearEncoding((0,), ((0,),)), "two or more rising"),
        (lambda: PiecewiseLinearEncoding((0,), ((0, 1),), 0), "scale: must be above 0, got 0"),
        (lambda: LAYER.output_shape((1,)), "encodes column 1, but examples have the shape"),
        (lambda: LAYER.output_shape((4, 4)), "encodes column 1"),
    ],
)
def test_errors(make: Callable[[], Any], words: str) -> None:
    with pytest.raises(GlassnetError, match=words):
        make()
