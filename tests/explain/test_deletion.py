"""Deletion curves fall faster in the right order, and not in a wrong one."""

import numpy as np

from glassnet.explain.deletion import deletion
from glassnet.explain.explanation import Evidence
from glassnet.explain.score import Score
from glassnet.layers import Flatten, Sequential


def test_the_right_order_passes_and_the_opposite_fails() -> None:
    weights = np.arange(48, dtype=float)
    score = Score(Sequential((Flatten(),)), {}, weights)
    x, baseline = np.ones((4, 4, 3), "float32"), np.zeros((4, 4, 3), "float32")
    right = deletion(score, x, baseline, weights.reshape(x.shape))
    assert right.most_first[0] == right.at_random[0] == weights.sum()
    assert right.most_first[-1] == right.at_random[-1] == 0
    assert right.passed
    wrong = deletion(score, x, baseline, -weights.reshape(x.shape))
    assert not wrong.passed
    assert "no more to the score" in Evidence(deletion=wrong).warnings()[0]
    assert not Evidence(deletion=right).warnings()


def test_a_pixel_goes_with_all_its_channels() -> None:
    score = Score(Sequential((Flatten(),)), {}, np.ones(8))
    x = np.ones((2, 2, 2), "float32")
    curve = deletion(score, x, np.zeros_like(x), x)
    assert set(curve.most_first.tolist()) == {8, 6, 4, 2, 0}
