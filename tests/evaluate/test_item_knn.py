"""Item-kNN beside the definition, and scikit-learn's cosine."""

import numpy as np
from sklearn.metrics.pairwise import cosine_similarity

from glassnet.evaluate.item_knn import ItemNeighbors


def test_scores_are_sums_of_cosines() -> None:
    rng = np.random.default_rng(0)
    x = (rng.random((50, 12)) < 0.3).astype(np.uint8)
    cosine = cosine_similarity(x.T.astype(float))
    np.fill_diagonal(cosine, 0)
    users = x[:5]
    np.testing.assert_allclose(ItemNeighbors(x)(users), users @ cosine, atol=1e-12)
    for column in cosine.T:
        column[column < np.sort(column)[-3]] = 0
    np.testing.assert_allclose(ItemNeighbors(x, 3)(users), users @ cosine, atol=1e-12)


def test_an_item_without_users_has_no_neighbors() -> None:
    x = np.array([[1, 1, 0], [1, 0, 0]], np.uint8)
    scores = ItemNeighbors(x)(np.array([[1, 0, 1]], np.uint8))
    np.testing.assert_allclose(scores, [[0, 1 / np.sqrt(2), 0]])
