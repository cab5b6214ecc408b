"""Activations with parameters, by hand."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import LeakyReLU, PReLU

X = np.array([[[-2.0, 3], [4, -1]]])


def test_prelu_learns_a_slope_for_each_value_or_each_channel() -> None:
    assert PReLU().weights((2, 2))["alpha"].shape == (2, 2)
    layer = PReLU(shared_axes=1)
    assert layer.weights((2, 2))["alpha"].shape == (1, 2)
    y, back = layer.forward({"alpha": np.array([[0.5, 0.1]])}, X)
    np.testing.assert_allclose(y, [[[-1, 3], [4, -0.1]]])
    dx, grads = back(np.ones_like(X))
    np.testing.assert_allclose(dx, [[[0.5, 1], [1, 0.1]]])
    np.testing.assert_allclose(grads["alpha"], [[-2, -1]])


def test_refusals() -> None:
    with pytest.raises(GlassnetError, match="axis 3 is not valid"):
        PReLU(shared_axes=3).output_shape((2, 2))
    with pytest.raises(GlassnetError, match=r"takes no alpha\. Its name here is negative_slope"):
        LeakyReLU(alpha=0.1)  # type: ignore[call-arg]
