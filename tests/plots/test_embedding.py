"""Embedding plots."""

import numpy as np
import pytest

from glassnet.plots.embedding import embedding, reduced
from tests.plots.given import texts

FEATURES = np.random.default_rng(0).normal(size=(60, 5)) * [9, 3, 1, 1, 1]


@pytest.mark.parametrize("method", ["PCA", "t-SNE"])
def test_the_same_features_give_the_same_points(method: str) -> None:
    points, _ = reduced(FEATURES, method)
    assert points.shape == (60, 2)
    assert points.tobytes() == reduced(FEATURES, method)[0].tobytes()


def test_pca_keeps_the_two_largest_variances() -> None:
    points, said = reduced(FEATURES, "PCA")
    values = np.linalg.svd(FEATURES - FEATURES.mean(axis=0), compute_uv=False) ** 2
    np.testing.assert_allclose((points**2).sum(axis=0), values[:2])
    assert said == f"{values[:2].sum() / values.sum():.0%} of the variance"


def test_one_feature_is_enough() -> None:
    assert reduced(FEATURES[:, :1], "PCA")[0].shape == (60, 2)


def test_classes_are_named_at_their_points_and_many_are_numbered() -> None:
    labels = np.arange(60) % 30
    names = [f"class {i}" for i in range(30)]
    few = texts(embedding(FEATURES[:, :2], labels % 3, names, "few"))
    assert {"class 0", "class 1", "class 2"} <= set(few)
    assert "class 3" not in few
    assert {"0", "29"} <= set(texts(embedding(FEATURES[:, :2], labels, names, "many")))


def test_few_examples_of_many_features_give_the_same_as_with_more() -> None:
    few = FEATURES[:4] @ np.random.default_rng(1).normal(size=(5, 9))
    points, note = reduced(few, "PCA")
    _, sizes, directions = np.linalg.svd(few - few.mean(axis=0))
    expected = (few - few.mean(axis=0)) @ directions[:2].T
    np.testing.assert_allclose(np.abs(points), np.abs(expected), atol=1e-9)
    assert note == f"{(sizes[:2] ** 2).sum() / (sizes**2).sum():.0%} of the variance"
