"""Activations made of pieces: the derivative at their kinks. Values are in test_activations.py."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from glassnet.ops import piecewise

KINKS = [
    (piecewise.relu, [0.0], [0]),
    (piecewise.relu6, [0.0, 6.0], [0, 0]),
    (piecewise.hard_sigmoid, [-3.0, 3.0], [0, 0]),
    (piecewise.hard_silu, [-3.0, 3.0], [0, 1]),
    (piecewise.hard_tanh, [-1.0, 1.0], [0, 0]),
    (piecewise.hard_shrink, [-0.5, 0.5], [0, 0]),
    (piecewise.soft_shrink, [-0.5, 0.5], [0, 0]),
    (piecewise.sparse_plus, [-1.0, 1.0], [0, 1]),
    (piecewise.sparse_sigmoid, [-1.0, 1.0], [0, 0]),
]


@pytest.mark.parametrize(("op", "x", "slopes"), KINKS)
def test_slopes_at_kinks(op: Callable[..., Any], x: list[float], slopes: list[float]) -> None:
    _, pullback = op(np.array(x))
    assert pullback(np.ones(len(x))).tolist() == slopes


def test_shrinking_takes_the_threshold_of_the_call() -> None:
    x = np.array([-3.0, -1.0, 2.0])
    assert piecewise.hard_shrink(x, 1.5)[0].tolist() == [-3, 0, 2]
    assert piecewise.soft_shrink(x, 1.5)[0].tolist() == [-1.5, 0, 0.5]
