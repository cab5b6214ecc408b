"""Metrics of ranked items, by hand and beside scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from glassnet.evaluate.top_items import user_metrics


def test_by_hand() -> None:
    """Of 6 items, the user has 0; the others are ranked 5, 3, 1, 4, 2; 3 and 4 are chosen."""
    x, y = np.zeros((1, 6), np.uint8), np.zeros((1, 6), np.uint8)
    x[0, 0], y[0, [3, 4]] = 1, 1
    scores = np.array([[9.0, 3.0, 1.0, 4.0, 2.0, 5.0]])
    found = user_metrics(lambda block: scores, x, y, np.zeros(6), k=3)
    # The order is 5, 3, 1, 4, 2: item 3 is at rank 2, item 4 at rank 4.
    assert found.ndcg[0] == pytest.approx((1 / np.log2(3)) / (1 + 1 / np.log2(3)))
    assert found.recall[0] == 0.5
    assert found.hit[0] == 1
    assert found.mrr[0] == 0.5
    assert found.covered == 3


def test_ndcg_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    x = (rng.random((700, 30)) < 0.2).astype(np.uint8)
    y = ((rng.random((700, 30)) < 0.2) & (x == 0)).astype(np.uint8)
    kept = y.any(axis=1)
    x, y = x[kept], y[kept]
    scores = rng.normal(size=x.shape)
    blocks = iter(np.split(scores, [512]))  # two blocks of users
    found = user_metrics(lambda block: next(blocks), x, y, np.zeros(30), k=7)
    for row in range(len(x)):
        left = x[row] == 0
        expected = ndcg_score(y[row, left][None], scores[row, left][None], k=7)
        assert found.ndcg[row] == pytest.approx(expected)


def test_ties_are_ranked_by_popularity_and_nan_comes_last() -> None:
    x, y = np.zeros((2, 3), np.uint8), np.array([[0, 1, 0], [0, 1, 0]], np.uint8)
    scores = np.array([[1.0, 1.0, 1.0], [np.nan, -np.inf, 0.0]])
    found = user_metrics(lambda block: scores, x, y, np.array([2, 3, 1]), k=1)
    assert found.mrr.tolist() == [1, 0.5]


def test_a_user_who_has_nearly_all_items_covers_only_the_rest() -> None:
    x, y = np.array([[1, 1, 0]], np.uint8), np.array([[0, 0, 1]], np.uint8)
    found = user_metrics(lambda block: np.ones((1, 3)), x, y, np.ones(3), k=10)
    assert (found.covered, found.ndcg[0], found.recall[0]) == (1, 1, 1)
