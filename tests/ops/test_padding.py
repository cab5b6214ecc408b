"""Padding and cropping."""

import numpy as np

from glassnet.ops.padding import pad

X = np.arange(1.0, 5).reshape(1, 4, 1)


def test_by_hand() -> None:
    y, back = pad(X, ((1, -2),), value=9.0)
    assert y.ravel().tolist() == [9, 1, 2]
    assert back(np.array([[[5.0], [6.0], [7.0]]])).ravel().tolist() == [6, 7, 0, 0]


def test_nothing_to_do_copies_nothing() -> None:
    assert pad(X, ((0, 0),))[0] is X
