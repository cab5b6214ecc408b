"""Occlusion measures how much the score drops."""

import numpy as np
import pytest

from glassnet.explain.occlusion import occlusion
from glassnet.explain.score import Score
from glassnet.layers import Flatten, Sequential


def test_of_a_row_it_is_each_number_s_own_part() -> None:
    weights = np.array([2.0, -1.0, 0.5])
    score = Score(Sequential((Flatten(),)), {}, weights)
    x, baseline = np.array([1, 2, 3], "float32"), np.array([0, 1, 0], "float32")
    np.testing.assert_allclose(occlusion(score, x, baseline), weights * (x - baseline))


@pytest.mark.parametrize("shape", [(14, 21), (14, 21, 3)])
def test_of_a_picture_it_is_largest_where_the_score_comes_from(shape: tuple[int, ...]) -> None:
    weights = np.zeros(shape)
    weights[5, 8] = 1
    score = Score(Sequential((Flatten(),)), {}, weights.reshape(-1))
    found = occlusion(score, np.ones(shape, "float32"), np.zeros(shape, "float32"))
    assert found.shape == shape
    where = np.argwhere(found.reshape(14, 21, -1)[..., 0] == found.max())
    assert [5, 8] in where.tolist()
    assert abs(where - [5, 8]).max() <= 1
    assert found[0].max() == 0
