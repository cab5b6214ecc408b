"""Numbers that stand for missing ones."""

import numpy as np
import pytest

from glassnet.data.columns.sentinels import sentinel_of

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
