"""Checks of words that were to be numbers or dates, but are written in several ways."""

from typing import TYPE_CHECKING

import numpy as np

from glassnet.data.checks.reports import doubt_column, rows_in_words
from glassnet.data.columns import date, number
from glassnet.data.sources.tables import Table

if TYPE_CHECKING:
    import polars as pl

_LEAST = 10  # different numbers or dates
_NEARLY = 0.95  # share of the different values in a few ways
_WORDS = 3  # different words at most beside numbers
_MANY = 20  # different numbers beside them
_WAYS = 3
_UNITS = 10


def check_one_way(table: Table, name: str, texts: "pl.Series", sample: "pl.Series") -> None:
    """Doubt words that are numbers or dates in several ways, or numbers but for a few words.

    `sample` holds different ones of the texts.
    """
    if 2 * sample.str.contains(r"\d").sum() < len(sample) or len(sample) < _LEAST:
        return
    for kind, ways in (("number", _ways_of_numbers(sample)), ("date", _ways_of_dates(sample))):
        used = _cover(ways)
        if not used:
            continue
        covered = np.logical_or.reduce([ways[way] for way in used])
        first = sample.filter(ways[used[0]])[0]
        if covered.sum() >= max(_NEARLY * len(sample), _LEAST) and len(used) > 1:
            other = sample.filter(ways[used[1]] & ~ways[used[0]])[0]
            rows = ~_read(texts, kind, used[0]) & texts.is_not_null()
            what = f"is written in several ways, such as {first!r:.40} and {other!r:.40}"
            fix = f"Write all in one way{' and in one unit' * (kind == 'number')}."
        elif covered.sum() >= _MANY and 0 < (~covered).sum() <= _WORDS:
            other = sample.filter(~covered)[0]
            rows = texts == other
            what = f"has {kind}s such as {first!r:.40}, but also {other!r:.40}"
            fix = "If it stands for a missing value, leave those cells empty."
        else:
            continue
        place = rows_in_words(table, rows.fill_null(False).to_numpy())
        what += f" ({place}): so it is read as words, not as {kind}s."
        doubt_column(table, name, what, f"{fix} If they are words: --column {name}=category.")
        return


def _ways_of_numbers(sample: "pl.Series") -> dict[str, np.ndarray]:
    """Return in which of the texts each form of numbers, with each unit, is."""
    forms = [*number.FORMS]
    for unit in number.units_of(sample)[:_UNITS]:
        forms += [number.with_unit(form, unit) for form in number.FORMS]
    return {form: number.is_in(sample, form).to_numpy() for form in forms}


def _ways_of_dates(sample: "pl.Series") -> dict[str, np.ndarray]:
    """Return in which of the texts each form of dates is."""
    if 2 * date.are_dated(sample).sum() < len(sample):
        return {}
    return {form: date.dates_of(sample, form).is_not_null().to_numpy() for form in date.FORMS}


def _read(texts: "pl.Series", kind: str, form: str) -> "pl.Series":
    """Return True for the texts in a form."""
    if kind == "number":
        return number.is_in(texts, form)
    return date.dates_of(texts, form).is_not_null()


def _cover(ways: dict[str, np.ndarray]) -> list[str]:
    """Return the ways that together hold the most texts, the largest first."""
    used: list[str] = []
    rest = np.ones(len(next(iter(ways.values()), ())), bool)
    while ways and len(used) < _WAYS:
        way = max(ways, key=lambda key: int((ways[key] & rest).sum()))
        if not (ways[way] & rest).any():
            break
        used.append(way)
        rest &= ~ways[way]
    return used
