"""Counterfactuals change the prediction, stay within bounds, and are no larger than needed."""

import numpy as np
import pytest

from glassnet import Model
from glassnet.explain.counterfactual import find_counterfactual
from glassnet.explain.score import Score, score_of
from glassnet.layers import Flatten, Sequential
from tests.explain.conftest import planted


@pytest.mark.parametrize("name", ["mlp", "cnn"])
def test_the_replayed_edit_turns_the_prediction(name: str, request: pytest.FixtureRequest) -> None:
    model: Model = request.getfixturevalue(name)
    x, _ = planted(6, seed=7)
    for one in x:
        answer = int(model.predict(one[None]).argmax())
        criterion = (answer + 1) % 3
        score = score_of(model.network, model.params, 3, answer, criterion)
        edit = find_counterfactual(score, one, criterion, bounds(one))
        assert edit is not None
        assert model.predict(edit.edited[None]).argmax() == criterion == edit.answer
        assert 0 <= edit.edited.min() <= edit.edited.max() <= 1
        assert edit.changed == (edit.edited != one).sum() <= 20
        assert 0 < edit.size < 0.2


def test_of_a_linear_network_it_is_the_one_number_that_suffices() -> None:
    score = Score(Sequential((Flatten(),)), {}, np.array([1.0, -1.0]))
    x = np.array([10, 3], "float32")
    edit = find_counterfactual(score, x, 1, (np.zeros(2), np.full(2, 20.0)), whole=True)
    assert edit is not None
    assert edit.changed == 1
    assert edit.edited.tolist() in ([2, 3], [10, 11])


def test_none_where_the_bounds_forbid_it() -> None:
    score = Score(Sequential((Flatten(),)), {}, np.array([1.0, -1.0]))
    x = np.array([10, 3], "float32")
    assert find_counterfactual(score, x, 1, (np.array([8, 0]), np.array([10, 7]))) is None


def bounds(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From 0 to 1."""
    return np.zeros_like(x), np.ones_like(x)
