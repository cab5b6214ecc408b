"""Columns that tell the target, and good features, which do not."""

import numpy as np
import polars as pl
import pytest

from glassnet.core.doubts import collected_doubts
from glassnet.core.trees import Array
from glassnet.data.checks.copies import check_copies
from glassnet.data.targets import Classes, Numbers, Target

ROWS = 300
RNG = np.random.default_rng(0)
OTHER = RNG.normal(size=ROWS)
LABELS = RNG.integers(0, 3, ROWS)
CLASSES = Classes(("y",), "", ("a", "b", "c"))
VALUES = RNG.normal(size=(ROWS, 1))
NUMBERS = Numbers(("y",), "", (".",))


def doubted(target: Target, values: Array, **columns: object) -> list[str]:
    """The columns that are doubted, beside an innocent one."""
    typed = pl.DataFrame({"other": OTHER} | columns)
    with collected_doubts() as doubts:
        check_copies("t.csv", typed, target, values, ROWS)
    return [doubt.where.removeprefix("t.csv: column ").strip("'") for doubt in doubts]


@pytest.mark.parametrize(
    ("column", "tells"),
    [
        (LABELS, True),
        (np.array([5, 1, 3])[LABELS], True),
        (np.array(["x", "y", "z"])[LABELS], True),
        (LABELS * 4 + RNG.integers(0, 4, ROWS), True),  # 4 codes for each class
        ([f"{label}-{at % 5}" for at, label in enumerate(LABELS)], True),
        (LABELS + RNG.normal(0, 0.3, ROWS), False),  # a good feature
        ([f"row {at}" for at in range(ROWS)], False),
        (RNG.integers(0, 12, ROWS), False),
        (np.where(RNG.random(ROWS) < 0.1, 0, LABELS), False),
    ],
)
def test_copies_of_a_class(column: object, tells: bool) -> None:
    assert doubted(CLASSES, LABELS, copy=column) == ["copy"] * tells


@pytest.mark.parametrize(
    ("column", "tells"),
    [
        (VALUES[:, 0], True),
        (3 - 2 * VALUES[:, 0], True),
        (np.exp(VALUES[:, 0]), True),
        (VALUES[:, 0] + RNG.normal(0, 0.01, ROWS), True),
        (VALUES[:, 0] + RNG.normal(0, 0.3, ROWS), False),
        (np.square(VALUES[:, 0]), False),
    ],
)
def test_copies_of_a_number(column: object, tells: bool) -> None:
    assert doubted(NUMBERS, VALUES, copy=column) == ["copy"] * tells


def test_the_parts_of_a_sum_and_rows_that_are_few() -> None:
    part = RNG.normal(size=ROWS)
    assert doubted(NUMBERS, VALUES, a=part, b=VALUES[:, 0] - part) in (["a"], ["b"])
    assert doubted(NUMBERS, VALUES, a=part, b=RNG.normal(size=ROWS)) == []
    with collected_doubts() as doubts:
        check_copies("t.csv", pl.DataFrame({"a": LABELS[:20], "b": OTHER[:20]}), CLASSES,
                     LABELS[:20], 20)  # fmt: skip
    assert doubts == []
