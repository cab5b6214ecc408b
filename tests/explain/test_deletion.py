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
    assert right.most_first[0] == right.at_random[0, 0] == weights.sum()
    assert right.most_first[-1] == right.at_random[0, -1] == 0
    assert right.beaten == len(right.at_random) == 19
    wrong = deletion(score, x, baseline, -weights.reshape(x.shape))
    assert wrong.beaten == 0
    assert "no more than removing random" in Evidence(deletion=wrong).warnings()[0]
    assert not Evidence(deletion=right).warnings()


def test_noise_rarely_passes_as_an_explanation() -> None:
    """It is the best of 20 random orders in 1 of 20 cases; 12 or more of 100 occur in 1 of 200."""
    rng = np.random.default_rng(0)
    score = Score(Sequential((Flatten(),)), {}, rng.normal(size=48))
    x, baseline = rng.random((4, 12)).astype("float32"), np.zeros((4, 12), "float32")
    curves = [deletion(score, x, baseline, rng.random(x.shape)) for _ in range(100)]
    assert sum(curve.beaten == 19 for curve in curves) < 12


def test_what_random_weights_would_mark_must_be_beaten() -> None:
    weights = np.arange(48, dtype=float)
    score = Score(Sequential((Flatten(),)), {}, weights)
    x, baseline = np.ones((4, 12), "float32"), np.zeros((4, 12), "float32")
    best, good = weights.reshape(x.shape), (weights // 8).reshape(x.shape)[:, ::-1]
    curve = deletion(score, x, baseline, best, [good])
    assert curve.beaten_weights == len(curve.by_random_weights) == 1
    curve = deletion(score, x, baseline, good, [best])
    assert curve.beaten_weights == 0
    assert any(
        "may not come from what the network has learned" in w
        for w in Evidence(deletion=curve).warnings()
    )


def test_a_pixel_goes_with_all_its_channels() -> None:
    score = Score(Sequential((Flatten(),)), {}, np.ones(8))
    x = np.ones((2, 2, 2), "float32")
    curve = deletion(score, x, np.zeros_like(x), x)
    assert set(curve.most_first.tolist()) == {8, 6, 4, 2, 0}
