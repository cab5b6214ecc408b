"""Masking of padded steps."""

import numpy as np

from glassnet.ops.masking import keep_steps


def test_what_is_masked_is_0_forward_and_backward() -> None:
    x, mask = np.arange(1.0, 9).reshape(2, 2, 2), np.array([[True, False], [True, True]])
    y, pullback = keep_steps(x, mask)
    assert y.tolist() == [[[1, 2], [0, 0]], [[5, 6], [7, 8]]]
    assert pullback(-x).tolist() == (-y).tolist()


def test_not_even_nan_gets_through() -> None:
    y, pullback = keep_steps(np.full((1, 1, 2), np.nan), np.array([[False]]))
    assert not y.any()
    assert not pullback(y * np.nan).any()
