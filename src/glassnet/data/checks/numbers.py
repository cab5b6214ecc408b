"""Checks of a column of numbers: values that mark missing ones, and values far from all others."""

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from glassnet.core.arrays import Array
from glassnet.data.checks.reports import doubt_column, rows_in_words
from glassnet.data.columns.number import shown
from glassnet.data.columns.sentinels import ROWS, is_zero_sentinel, sentinel_of
from glassnet.data.sources.tables import Table

if TYPE_CHECKING:
    import polars as pl

_SAMPLE = 10_000  # rows that are looked at first
_MANY = 10  # different values: fewer are codes
_WIDE = 3  # times the range of the others, if some are negative
_SMALL = 60  # rows with which twice the range is not far
_MOST = 0.2  # share of the rows that may be far from the others
_DATES = re.compile(r"date|datum|fecha|birth|born|dob|_(on|at)$", re.IGNORECASE)
_SERIAL = (20_000, 60_000)  # days of Excel's calendar in 1954 and 2064
_CUT = r"^\d(\.\d{1,5})?E\+\d\d$"  # as Excel shows long numbers, whose digits are then lost


def check_numbers(table: Table, name: str, values: "pl.Series", sample: "pl.Series") -> None:
    """Doubt what is unusual among numbers; `sample` has some of the cells as texts."""
    numbers = values.drop_nulls().to_numpy()
    if len(numbers) < ROWS:
        return
    value = sentinel_of(numbers)
    if value is None and is_zero_sentinel(numbers):
        value = 0.0
    if value is not None:
        others = numbers[numbers != value]
        doubt_column(
            table,
            name,
            f"is {value:.15g} in {len(numbers) - len(others):,} of {len(table):,} rows, and "
            f"{_span(others)} in all others. Does {value:.15g} mean that the value is missing?",
            "Leave these cells empty: the value is then read as missing.",
        )
    elif (cut := far_cut(numbers)) is not None:
        _doubt_far(table, name, values, numbers, cut)
    if _DATES.search(name) and _are_serial(numbers):
        first, last = (_day(end()) for end in (numbers.min, numbers.max))
        doubt_column(
            table,
            name,
            f"holds {_span(numbers)}: days as Excel counts them, from {first} to {last}?",
            "Format the column as dates, such as 2026-01-31, before it is saved as CSV.",
        )
    if sample.str.contains(_CUT).all():
        doubt_column(
            table,
            name,
            f"is written like {sample[0]!r}: Excel shortens long numbers so, and their other "
            "digits are lost.",
            "If these are codes, export them again as text; or --drop the column.",
        )


def far_cut(numbers: Array) -> float | None:
    """Return a number between most of the values and a few that are far from them; None if none is.

    The gap is wider than what is on each of its sides; among numbers from 0 also in ratios, among
    others 3 times as wide; and in few rows wider still: the tail of a distribution is not far.
    """
    step = -(-len(numbers) // _SAMPLE)
    sample = np.append(numbers[::step], (numbers.min(), numbers.max()))
    if _cut(sample) is None:  # then all numbers have no such gap, either
        return None
    cut = _cut(numbers)
    below = 0 if cut is None else int(np.count_nonzero(numbers < cut))
    return cut if min(below, len(numbers) - below) <= _MOST * len(numbers) else None


def _cut(numbers: Array) -> float | None:
    """Return the middle of the widest gap between the numbers if it is wide enough, else None."""
    ordered = np.unique(numbers)
    if len(ordered) < _MANY:
        return None
    at = int(np.diff(ordered).argmax())
    wide = 1 + _SMALL / len(numbers)
    if ordered[0] < 0:
        far = _is_wide(ordered, at, _WIDE * wide)
    else:  # zeros have no logarithm
        far = _is_wide(ordered, at, wide) and _is_wide(
            np.log(positive := ordered[ordered > 0]), int(np.diff(positive).argmax()), wide
        )
    return float(ordered[at : at + 2].mean()) if far else None


def _is_wide(ordered: Array, at: int, times: float) -> bool:
    """True if the gap after this place is so many times as wide as what is on each of its sides."""
    sides = ordered[at] - ordered[0], ordered[-1] - ordered[at + 1]
    return bool(ordered[at + 1] - ordered[at] > times * max(sides))


def _doubt_far(table: Table, name: str, values: "pl.Series", numbers: Array, cut: float) -> None:
    below = numbers < cut
    few = numbers[below] if 2 * below.sum() < len(numbers) else numbers[~below]
    others = numbers[~below] if len(few) == below.sum() else numbers[below]
    rows = (values < cut) if few[0] < cut else (values >= cut)
    doubt_column(
        table,
        name,
        f"is {_span(few)} in {rows_in_words(table, rows.fill_null(False).to_numpy())}, and "
        f"{_span(others)} in all others.",
        "Check the unit and the decimal point; leave the cell empty if the value is unknown.",
    )


def _span(numbers: Array) -> str:
    low, high = shown(float(numbers.min())), shown(float(numbers.max()))
    return low if low == high else f"{low} to {high}"


def _are_serial(numbers: Array) -> bool:
    low, high = float(numbers.min()), float(numbers.max())
    return bool(_SERIAL[0] <= low < high <= _SERIAL[1] and (numbers == np.round(numbers)).all())


def _day(number: float) -> date:
    return date(1899, 12, 30) + timedelta(int(number))
