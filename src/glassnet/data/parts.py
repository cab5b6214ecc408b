"""The training, validation and test rows: by file, column, group or time, else a fifth."""

import logging
from collections.abc import Sequence

import numpy as np

from glassnet.core.doubts import doubt
from glassnet.core.errors import GlassnetError
from glassnet.core.plurals import counted
from glassnet.data.columns import date, number
from glassnet.data.columns.base import cells
from glassnet.data.sources.tables import Table
from glassnet.data.splits import grouped_split, stratified_split

log = logging.getLogger(__name__)

_NAMES = {
    "train": ("train", "training"),
    "validation": ("validation", "val", "valid"),
    "test": ("test", "testing"),
}
PARTS = (*_NAMES,)  # in the order in which a folder's rows are
SHARE, _SEED = 0.2, 0  # fixed, so that the data set is always the same


def part_named(name: str) -> str | None:
    """Return the part that a folder, or a cell of the column `split`, names; None for others."""
    word = name.strip().lower()
    return next((part for part, names in _NAMES.items() if word in names), None)


def by_column(
    table: Table, split: str, labels: np.ndarray, test: Table | None = None,
    groups: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:  # fmt: skip
    """Return the rows that a column marks: (training rows, test rows, validation rows).

    The training rows contain the validation rows, whose places among them come last, or None if
    there are none. If no row is marked as test, and there is no table `test`, a fifth of each label
    of the others is, or whole groups. Doubts groups that are in two parts.
    """
    texts = table.frame[split].cast(str).fill_null("")
    named = {text: part_named(text) for text in texts.unique()}
    if wrong := [text for text, part in named.items() if part is None]:
        row = int(texts.is_in(wrong).arg_max() or 0)
        raise GlassnetError(
            f"the column {split!r} has {texts[row]!r}, not train, validation or test.",
            where=table.place(row),
            fix="Correct it, or rename the column if it is something else.",
        )
    parts = np.array([named[text] for text in texts])
    if not (parts == PARTS[0]).any():
        raise GlassnetError(
            f"no row of the column {split!r} is train.",
            where=table.source,
            fix="Mark some, or rename the column: a fifth of the rows is then for testing.",
        )
    tested = np.flatnonzero(parts == PARTS[2])
    if test is not None and len(tested):
        raise GlassnetError(
            f"the column {split!r} marks rows for testing, and there is a file of them, too.",
            where=table.place(tested[0]),
            fix="Leave out --test-file, or these rows.",
        )
    trained, held_out = np.flatnonzero(parts == PARTS[0]), np.flatnonzero(parts == PARTS[1])
    if not len(tested) and test is None:
        if not len(held_out):
            raise GlassnetError(
                f"no row of the column {split!r} is test.",
                where=table.source,
                fix="Mark some, or rename the column: a fifth of the rows is then for testing.",
            )
        log.info("no rows are marked for testing: a fifth of the training rows is")
        others, fifth = (
            by_chance(labels[trained]) if groups is None
            else by_group(labels[trained], groups[trained])
        )  # fmt: skip
        trained, tested = trained[others], trained[fifth]
    if groups is not None:
        _check_groups(table, split, groups, [trained, held_out, tested])
    rows = np.sort(np.concatenate([trained, held_out]))
    return rows, tested, np.flatnonzero(np.isin(rows, held_out)) if len(held_out) else None


def _check_groups(
    table: Table, split: str, groups: np.ndarray, by_part: Sequence[np.ndarray]
) -> None:
    """Doubt groups with rows in two parts."""
    owners = [np.unique(groups[rows]) for rows in by_part]
    places, counts = np.unique(np.concatenate(owners), return_counts=True)
    if (shared := places[counts > 1]).size:
        doubt(
            f"the column {split!r} puts rows of {counted(len(shared), 'group')} of "
            f"{len(places):,} into more than one part, so the results may be too good.",
            table.place(int(np.isin(groups, shared).argmax())),
            "Mark all rows of a group alike; or leave out the column, and whole groups are tested.",
        )


def by_time(table: Table, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Return (training rows, test rows), both in the order of time; the latest fifth are tested.

    Rows with the time of the first test row are test rows, too.
    """
    times = times_of(table, column)
    order = np.argsort(times, kind="stable")
    start = np.searchsorted(times[order], times[order[round(len(order) * (1 - SHARE))]])
    if not start:
        raise GlassnetError(
            f"the column {column!r} does not tell earlier rows from later ones.",
            where="--time",
            fix="Give a column of dates or numbers with more values.",
        )
    return order[:start], order[start:]


def times_of(table: Table, column: str) -> np.ndarray:
    """Return the dates or numbers of a column as numbers; raises for other cells."""
    raw, texts = table.frame[column], cells(table.frame[column])
    sample = texts.drop_nulls().unique().head(1000)
    if raw.dtype.is_temporal() or (forms := date.forms_of(sample)):
        form = date.TYPED if raw.dtype.is_temporal() else forms[0]
        times = date.dates_of(raw, form).to_physical().cast(float)
    else:
        times = number.numbers_in(raw)
    if times.has_nulls():
        row = int(times.is_null().arg_max() or 0)
        raise GlassnetError(
            f"{column} is {raw[row]!r:.60}, neither a date nor a number.",
            where=table.place(row),
            fix="--time needs a date, such as 2026-01-31, or a number in every row.",
        )
    values: np.ndarray = times.to_numpy()
    return values


def by_group(strata: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (training rows, test rows); no group is in both."""
    return grouped_split(strata, groups, SHARE, _SEED)


def by_chance(strata: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (training rows, test rows), with a fifth of each class for testing."""
    return stratified_split(strata, SHARE, _SEED)
