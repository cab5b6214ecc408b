"""Numbers that stand for missing ones."""

import numpy as np
import pytest

from glassnet.data.columns.sentinels import is_zero_sentinel, sentinel_of

VALUES = np.arange(100.0)


@pytest.mark.parametrize(
    ("value", "count", "marks"),
    [
        (-999, 3, True),
        (999, 1, True),
        (-1, 5, True),
        (-1, 1, False),
        (500, 6, True),
        (500, 60, False),
    ],
)
def test_sentinels(value: float, count: int, marks: bool) -> None:
    numbers = np.append(VALUES[1:], [value] * count)
    assert sentinel_of(numbers) == (value if marks else None)


def test_no_sentinel_among_few_or_ordinary_numbers() -> None:
    assert sentinel_of(np.append(VALUES[:20], -999)) is None
    assert sentinel_of(VALUES) is None


def test_large_codes_among_small_ones_are_no_sentinels() -> None:
    """As in the Boston data, whose column `rad` is 1 to 8, or 24."""
    codes = np.append(np.arange(400) % 8 + 1, [24] * 80)
    assert sentinel_of(codes) is None
    assert sentinel_of(np.where(codes == 24, 99, codes)) == 99


def test_zeros_that_mark_missing_ones() -> None:
    rng = np.random.default_rng(0)
    weights = np.append(rng.normal(72, 12, 400), [0] * 40)
    assert is_zero_sentinel(weights)
    assert not is_zero_sentinel(weights[:402])  # a few
    for zeros in (rng.poisson(2, 400), rng.lognormal(size=400) * (rng.random(400) < 0.8), -weights):
        assert not is_zero_sentinel(zeros)
