"""Numbers that are far from all others, and the tails of distributions, which are not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.data.checks.numbers import far_cut

RNG = np.random.default_rng(0)
HEIGHTS = RNG.normal(171, 9, 1000)


@pytest.mark.parametrize(
    ("few", "cut"),
    [
        ([1.8], True),  # meters
        (HEIGHTS[:150] / 100, True),
        (HEIGHTS[:400] / 100, False),  # too many to be mistakes
        ([1710.0], True),
        ([230.0], False),
    ],
)
def test_values_in_another_unit(few: list[float], cut: bool) -> None:
    numbers = np.append(HEIGHTS, few)
    place = far_cut(numbers)
    assert (place is not None) == cut
    if place is not None:
        below = {*numbers[numbers < place]}
        assert below in ({*few}, {*HEIGHTS})


@pytest.mark.parametrize("size", [30, 300, 30_000])
@pytest.mark.parametrize("seed", range(20))
def test_tails_are_not_far(size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    for numbers in (
        rng.normal(size=size),
        rng.lognormal(sigma=2, size=size),
        rng.pareto(1.0, size) + 1,
        rng.standard_t(3, size),
        rng.poisson(1.0, size),
        np.where(rng.random(size) < 0.8, 0, rng.lognormal(5, 2, size)),
    ):
        assert far_cut(numbers.astype(float)) is None


@given(st.floats(0.01, 100), st.booleans())
def test_the_unit_of_all_numbers_does_not_matter(factor: float, far: bool) -> None:
    numbers = np.append(HEIGHTS, 1.8 if far else 200) * factor
    assert (far_cut(numbers) is not None) == far
