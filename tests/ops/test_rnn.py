"""The simple recurrent network."""

import numpy as np

from glassnet.ops.activations import linear
from glassnet.ops.rnn import simple_rnn


def test_by_hand() -> None:
    z, kernel = np.array([1.0, 2, 4]).reshape(3, 1, 1), np.array([[0.5]])
    y, pullback = simple_rnn(z, kernel, linear, return_sequences=False)
    assert y.tolist() == [[0.25 + 1 + 4]]
    dz, dkernel = pullback(np.ones((1, 1)))
    assert dz.ravel().tolist() == [0.25, 0.5, 1]
    assert dkernel.tolist() == [[2.5 + 0.5 * 1]]  # h₂ · 1 + h₁ · ½


def test_the_default_is_tanh() -> None:
    y, _ = simple_rnn(np.ones((1, 1, 1)), np.ones((1, 1)))
    assert y.tolist() == [[[np.tanh(1)]]]
