"""Items are similar whose columns of the last kernel point in the same direction."""

import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_similarity

from glassnet.core.errors import GlassnetError
from glassnet.data.events import Events
from glassnet.evaluate.similar_items import similar_items
from glassnet.model.model import Model
from glassnet.networks import recipe

NAMES = ("a", "b", "c", "d")


def model_of(kernel: np.ndarray) -> Model:
    model = Model(recipe("recommender", classes=4, hidden=(3,), dropout=0.0), (4,), seed=0)
    model.layers[-1].set_weights([kernel, np.zeros(4)])
    model.about["rows"] = Events("user", "item", NAMES, (5, 4, 3, 1)).to_dict()
    return model


def test_similarities_are_cosines_of_the_last_kernel() -> None:
    kernel = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    expected = cosine_similarity(kernel.T)
    first, second = similar_items(model_of(kernel), ["b", "d"], "m", top=2)
    order = [place for place in np.argsort(-expected[1]) if place != 1][:2]
    assert [row[0] for row in first.rows()] == [NAMES[place] for place in order]
    np.testing.assert_allclose(first.similarities, expected[1][order], rtol=1e-5)
    assert (first.users, second.users, len(second.items)) == (4, 1, 2)
    entry = first.to_dict()
    assert entry["item"] == "b"
    assert [*entry["similar"][0]] == ["item", "users", "similarity"]


def test_an_item_without_a_direction_is_similar_to_none() -> None:
    kernel = np.eye(3, 4, dtype=np.float32)  # the column of d is 0
    (result,) = similar_items(model_of(kernel), ["d"], "m")
    assert result.similarities.tolist() == [0, 0, 0]


def test_an_unknown_item_is_one_clear_error() -> None:
    with pytest.raises(GlassnetError, match=r"no training event has the item 'A'.*mean 'a'"):
        similar_items(model_of(np.ones((3, 4), np.float32)), ["A"], "m")
