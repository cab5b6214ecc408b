"""The nearest examples in the last hidden layer."""

import numpy as np

from glassnet import Model
from glassnet.explain.hidden import hidden
from glassnet.explain.nearest import nearest, similarity_of_distances
from tests.explain.conftest import planted


def test_an_example_s_nearest_is_itself_and_its_like(mlp: Model) -> None:
    x, y = planted(300, seed=6)
    found = nearest(mlp.network, mlp.params, x[7], x, y, "float32")
    assert found.rows[0] == 7
    assert found.distances[0] < 1e-5
    assert (found.labels == y[7]).all()
    features = hidden(mlp.network, mlp.params, x)
    by_hand = np.sort(np.sqrt(((features - features[7]) ** 2).sum(axis=1)))[:8]
    np.testing.assert_allclose(found.distances, by_hand, rtol=1e-4, atol=1e-5)


def test_random_weights_order_examples_otherwise(mlp: Model) -> None:
    x, _ = planted(300, seed=6)
    assert similarity_of_distances(mlp.network, mlp.params, x[7], x, "float32") < 0.5
