"""Indexing and powers as layers."""

import numpy as np
import pytest

from glassnet import GlassnetError, Model
from glassnet.core.registry import build, describe
from glassnet.layers import GetItem, Power

X = np.arange(24.0).reshape(2, 3, 4)


def test_an_index_is_rebuilt_from_its_description() -> None:
    layer = GetItem.of((slice(None), -1, None, slice(3, None, -2)), 2)
    assert layer.key == (-1, None, (3, None, -2))
    assert build("layer", describe(layer)) == layer
    np.testing.assert_array_equal(layer.forward({}, X)[0], X[:, -1, None, 3::-2])


def test_the_gradient_goes_where_the_value_came_from() -> None:
    y, back = GetItem.of((..., slice(None, None, -2)), 2).forward({}, X)
    dx = np.zeros_like(X)
    dx[..., ::-2] = y + 1
    np.testing.assert_array_equal(back(y + 1)[0], dx)


def test_probabilities_of_one_step_are_probabilities() -> None:
    assert GetItem.of((slice(None), 0), 2).keeps_probabilities
    assert not GetItem.of((..., 0), 2).keeps_probabilities


def test_a_power() -> None:
    y, back = Power(2).forward({}, X)
    np.testing.assert_array_equal(y, X * X)
    np.testing.assert_array_equal(back(y)[0], y * 2 * X)
    assert not Power(0).forward({}, X)[1](y)[0].any()


def test_an_example_that_is_too_small_is_refused() -> None:
    with pytest.raises(GlassnetError, match="index 3 is out of bounds"):
        Model([GetItem((3,))], (3,))
