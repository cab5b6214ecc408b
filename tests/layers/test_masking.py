"""Marking padding by its numbers."""

import numpy as np
import pytest

from glassnet.errors import GlassnetError
from glassnet.layers import GRU, Dense, Masking, Sequential

X = np.array([[[1.0, 2], [0, 0], [0, 3]], [[9, 9], [9, 0], [0, 9]]])


def test_a_step_is_padding_if_all_its_features_are_the_value() -> None:
    assert Masking().output_mask(X, None).tolist() == [[True, False, True], [True] * 3]  # type: ignore[union-attr]
    assert Masking(9.0).output_mask(X, None).tolist() == [[True] * 3, [False, True, True]]  # type: ignore[union-attr]


def test_padding_comes_out_as_0_and_takes_no_gradient() -> None:
    y, pullback = Masking(9.0).forward({}, X)
    assert y[1].tolist() == [[0, 0], [9, 0], [0, 9]]
    dx, grads = pullback(np.ones_like(X))
    assert dx[1].tolist() == [[0, 0], [1, 1], [1, 1]]
    assert grads == {}


def test_the_layers_after_it_pass_padding_over() -> None:
    network = Sequential((Masking(), Dense(3), GRU(4)))
    params, _ = network.init(np.random.default_rng(0), (3, 2), "float64")
    padded = np.array([[[1.0, 2], [3, 4], [0, 0]]])
    long, _ = network.forward(params, padded)
    short, _ = network.forward(params, padded[:, :2])
    np.testing.assert_allclose(long, short)


def test_refusals() -> None:
    with pytest.raises(GlassnetError, match=r"Masking: marks steps.*mask_zero"):
        Masking().output_shape((5,))
    inner = Sequential((Dense(2), Masking()))
    with pytest.raises(GlassnetError, match=r"Masking: can't hand its mask on.* outer network"):
        Sequential((inner, GRU(2))).forward({}, X)
