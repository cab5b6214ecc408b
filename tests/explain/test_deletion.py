"""Deletion curves fall faster in the right order, and not in a wrong one."""

import numpy as np
import pytest
from sklearn.datasets import load_iris

from glassnet import Dense, Model
from glassnet.explain.deletion import deletion
from glassnet.explain.example import explain_example
from glassnet.explain.explanation import Evidence
from glassnet.explain.sanity_check import similarity
from glassnet.explain.score import Score, score_of
from glassnet.layers import Flatten, Sequential


def test_the_right_order_passes_and_the_opposite_fails() -> None:
    weights = np.arange(48, dtype=float)
    score = Score(Sequential((Flatten(),)), {}, weights)
    x, baseline = np.ones((4, 4, 3), "float32"), np.zeros((4, 4, 3), "float32")
    right = deletion(score, x, baseline, weights.reshape(x.shape))
    assert right.most_first[0] == right.at_random[0, 0] == weights.sum()
    assert right.most_first[-1] == right.at_random[0, -1] == 0
    assert right.beaten == len(right.at_random) == 199
    wrong = deletion(score, x, baseline, -weights.reshape(x.shape))
    assert wrong.beaten == 0
    assert "no more than removing random" in Evidence(deletion=wrong).warnings()[0]
    assert not Evidence(deletion=right).warnings()


def test_noise_rarely_passes_as_an_explanation() -> None:
    """1 in 20 orders is better than 19 of 20; 12 or more of 100 occur in 1 of 200 cases."""
    rng = np.random.default_rng(0)
    score = Score(Sequential((Flatten(),)), {}, rng.normal(size=48))
    x, baseline = rng.random((4, 12)).astype("float32"), np.zeros((4, 12), "float32")
    curves = [deletion(score, x, baseline, rng.random(x.shape)) for _ in range(100)]
    assert sum(not curve.no_better_than_random for curve in curves) < 12
    large = np.zeros((11, 12), "float32")  # more than 100 positions: fewer orders
    score = Score(Sequential((Flatten(),)), {}, rng.normal(size=132))
    ones = np.ones_like(large)
    curves = [deletion(score, ones, large, rng.random(large.shape)) for _ in range(100)]
    assert len(curves[0].at_random) == 19
    assert sum(not curve.no_better_than_random for curve in curves) < 12


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


@pytest.mark.parametrize("columns", [1, 2, 3, 4, 5, 6, 8, 13])
def test_exact_attributions_of_few_columns_are_trusted_and_wrong_ones_are_not(columns: int) -> None:
    """Of a linear score, wᵢ (xᵢ − bᵢ) is exact, and its order is the best of all."""
    rng = np.random.default_rng(columns)
    wrong = 0
    for _ in range(40):
        weights, x = rng.normal(size=columns), rng.normal(size=columns).astype("float32")
        score, baseline = Score(Sequential((Flatten(),)), {}, weights), np.zeros_like(x)
        exact = weights * x
        others = [rng.normal(size=columns) * x for _ in range(19)]
        curve = deletion(score, x, baseline, exact, others)
        assert curve.shares[-1] == 1
        assert not Evidence(0.0, similarity(exact, others), curve).warnings()
        wrong += bool(Evidence(0.0, None, deletion(score, x, baseline, -exact, others)).warnings())
    assert wrong == (0 if columns == 1 else 40)


def test_trained_networks_on_few_columns_are_trusted() -> None:
    """28 of 30 rows of Iris were called untrustworthy: 4 columns have only 24 orders."""
    iris = load_iris()
    x, y = (iris.data - iris.data.mean(axis=0)) / iris.data.std(axis=0), iris.target
    model = Model([Dense(16, "relu"), Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x, y, epochs=60, verbose=0)
    warned = shuffled = 0
    rng = np.random.default_rng(0)
    for row in range(0, 150, 5):
        why = explain_example(model, x[row], training=(x, y))
        assert why.evidence.deletion is not None
        assert why.values is not None
        warned += bool(why.warnings)
        score = score_of(model.network, model.params, 3, why.target)
        example = x[row].astype("float32")
        values = rng.permutation(why.values)
        if (values == why.values).all():
            values = -values
        curve = deletion(score, example, np.zeros_like(example), values)
        shuffled += bool(Evidence(deletion=curve).warnings())
    assert warned <= 1
    assert shuffled >= 26
    assert "of 24 possible orders" in "".join(why.evidence.lines())
