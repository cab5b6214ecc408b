"""People and days that a random split tears apart."""

import numpy as np
import polars as pl
import pytest

from glassnet.core.doubts import collected_doubts
from glassnet.data.checks.order import check_groups, check_time
from glassnet.data.sources.tables import Table
from glassnet.data.targets import Classes, Numbers

RNG = np.random.default_rng(0)
DAYS = pl.DataFrame({"day": np.datetime64("2020-01-01") + np.arange(200)})
NUMBERS, CLASSES = Numbers(("y",), "", (".",)), Classes(("y",), "", ("a", "b"))


@pytest.mark.parametrize(
    ("name", "different", "doubted"),
    [
        ("patient_id", 40, True),
        ("userId", 40, True),
        ("Customer", 40, True),
        ("person_number", 40, True),
        ("patient_id", 190, False),  # hardly any repeats
        ("patient_id", 3, False),
        ("account_length", 40, False),
        ("paid", 40, False),
        ("width", 40, False),
    ],
)
def test_columns_of_groups(name: str, different: int, doubted: bool) -> None:
    table = Table.numbered(pl.DataFrame({name: np.arange(200) % different}), "t")
    with collected_doubts() as doubts:
        check_groups(table, ())
        check_groups(table, (name,))
    assert len(doubts) == doubted


def test_targets_that_change_slowly_in_time() -> None:
    walk = np.cumsum(RNG.normal(size=200))
    mixed = RNG.permutation(200)
    for values, target, slow in (
        (walk[:, None], NUMBERS, True),
        (RNG.normal(size=(200, 1)), NUMBERS, False),
        ((walk > np.median(walk)).astype(int), CLASSES, True),
        (RNG.integers(0, 2, 200), CLASSES, False),
    ):
        with collected_doubts() as doubts:
            check_time("t", DAYS[mixed], target, values[mixed])  # rows may be in any order
        assert len(doubts) == slow


def test_the_order_of_rows_of_one_day_does_not_count() -> None:
    days = pl.DataFrame({"day": DAYS["day"][:40].gather(np.repeat(np.arange(40), 5))})
    values = np.tile([0, 0, 1, 1, 1], 40)  # sorted on each day
    with collected_doubts() as doubts:
        check_time("t", days, CLASSES, values)
    assert doubts == []
