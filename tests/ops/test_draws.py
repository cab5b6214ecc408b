"""Draws: their distributions, with fixed keys."""

import numpy as np
import pytest

from glassnet.ops.draws import bernoulli, beta_quantiles, levels, permutation, pick
from tests.data.augmentation.given import KEY


@pytest.mark.parametrize("probability", [0.0, 0.1, 0.5, 1.0])
def test_bernoulli_draws_have_their_probability(probability: float) -> None:
    assert bernoulli(KEY, 20_000, probability).mean() == pytest.approx(probability, abs=0.01)


def test_a_permutation_has_every_number_once() -> None:
    found = permutation(KEY, 100)
    assert sorted(found) == list(range(100))
    assert (found != np.arange(100)).sum() > 90


def test_rows_are_picked_alike() -> None:
    counts = np.bincount(pick(KEY, 16_000, np.arange(8)), minlength=8)
    np.testing.assert_allclose(counts, 2000, atol=200)


@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0])
def test_beta_has_its_mean_and_variance(alpha: float) -> None:
    drawn = beta_quantiles(alpha)
    assert drawn.mean() == pytest.approx(0.5, abs=1e-6)
    assert drawn.var() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=1e-3)
    assert 0 <= drawn.min() < drawn.max() <= 1


def test_levels_are_the_middles_of_equal_parts() -> None:
    np.testing.assert_allclose(levels(-1, 1, 4), [-0.75, -0.25, 0.25, 0.75])
