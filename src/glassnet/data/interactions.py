"""`Interactions`: events of users and items as a data set, from which items are recommended.

An example is a user: x has 1 for each item that they have, and y a share for each that the network
is to predict. Both are the whole history in training; in validation and tests, y comes after x.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from glassnet.core.doubts import doubt
from glassnet.core.errors import GlassnetError
from glassnet.core.memory import available
from glassnet.core.plurals import are, counted
from glassnet.data import parts
from glassnet.data.columns.base import cells
from glassnet.data.dataset import Dataset
from glassnet.data.events import TASK, EventColumns, Events, event_columns, rated, with_names
from glassnet.data.histories import Histories
from glassnet.data.roles import Choices
from glassnet.data.sources.tables import Table
from glassnet.data.target_inference import ordered

EARLIER = 0.8  # share of the items of a validation user that the network reads
FOLDED_IN = 0.5  # share of the test items of a new user that the network reads
_NOT_FOR_EVENTS = ("columns", "drop", "group", "text_column", "label_column")
_BYTES = 12  # of memory for each pair of a user and an item: x, y, and copies in float32


@dataclass(frozen=True)
class LeftOut:
    """What the test can't contain."""

    cold_items: int  # items without training events
    cold_events: int  # test events of them
    repeated: int  # test events of items that the user had before
    alone: int  # users with nothing before or nothing after


@dataclass(frozen=True, eq=False, repr=False)
class Interactions(Dataset):
    """Events of users and items; x (N, I) is 0 or 1, in uint8, y (N, I) are shares, in float32.

    A share is 1/n of the n items to predict, and 0 of others. A user's weight in the loss is in
    proportion to n, so that every event counts the same.

    A test user with training events is tested on all their test events. Of a new user, the first
    half of the test events is read, and the second half is predicted.
    """

    events: Events
    columns: EventColumns
    histories: Histories  # of the training users
    known: np.ndarray  # True for each test user who has training events
    left_out: LeftOut
    below: int  # rows that are no events, because of their rating

    kind: ClassVar[str] = "interactions"

    @property
    def task(self) -> str:
        return TASK

    @property
    def outputs(self) -> int:
        return len(self.events.items)

    @property
    def strata(self) -> np.ndarray:
        return np.zeros(len(self.x_train), np.int64)

    def held_out(self, train: np.ndarray, test: np.ndarray) -> Self:
        """Raise: the test set is what came later."""
        raise GlassnetError(
            "events of users and items are tested on the latest: they have no folds.",
            where="--folds",
            fix="Train several --seed, and compare the runs: glassnet compare.",
        )

    def earlier_and_later(self, users: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (earlier items, later items) of some training users, both (N, I)."""
        earlier, later = self.histories.of_users(users).split(EARLIER)
        return earlier.matrix(self.outputs), later.shares(self.outputs)

    def lines(self) -> list[str]:
        """Return what is an event, and how it is tested, as sentences."""
        columns, left_out = self.columns, self.left_out
        lines = [f"recommends {columns.item} to {columns.user}; "]
        if self.events.min_rating is None:
            lines[0] += "every row is an event"
            lines[0] += f", whatever its {columns.rating}" if columns.rating else ""
        else:
            lines[0] += f"an event is a row with a {columns.rating} of at least "
            lines[0] += f"{self.events.min_rating:g}, which {self.below:,} rows don't have"
        new = int((~self.known).sum())
        when = f"by {columns.time}" if columns.time else "by chance, because no column has times"
        lines.append(
            f"{counted(len(self.histories.items), 'training event')}, split from the test {when}; "
            f"{counted(len(self.known), 'test user')}"
        )
        if new:
            lines[-1] += (
                f", of whom {new:,} {are(new)} new: the first half of their test events is read, "
                "and the second predicted"
            )
        notes = {
            "test event": (left_out.cold_events, f"of {left_out.cold_items:,} items without "
                           "training events, which nothing here can recommend"),
            "repeated test event": (left_out.repeated, "of items that the user had before"),
            "test user": (left_out.alone, "with nothing to read or nothing to predict: without "
                          "events, users get what is popular"),
        }  # fmt: skip
        lines += [
            f"left out of the test: {counted(number, what)} {why}"
            for what, (number, why) in notes.items()
            if number
        ]
        return lines


def interactions_of(table: Table, choices: Choices, test: Table | None = None) -> Interactions:
    """Return the data set of a table of events, one in each row.

    The test events are `test`, or those that a column named split marks, or the latest fifth; or,
    without times, a fifth of those of each user. Raises GlassnetError.
    """
    for option in _NOT_FOR_EVENTS:
        if getattr(choices, option):
            raise GlassnetError(
                "is not for recommending items.",
                where=f"--{option.rstrip('s').replace('_', '-')}",
                fix="Its columns are --user, --item and --time. To predict a column of ratings: "
                "--target RATING.",
            )
    columns = event_columns(table, choices)
    table, below = _counting(table, columns, choices.min_rating)
    if test is not None:
        test, more = _counting(test, columns, choices.min_rating)
        below += more
    earlier, later = _split(table, columns, choices, test)
    names = ordered(cells(earlier.frame[columns.item]).unique().to_list())
    if len(names) < 2:
        raise GlassnetError("has only one item to recommend.", where=table.source)
    rating = None if choices.min_rating is None else columns.rating
    events = Events(
        columns.user, columns.item, names, (0,) * len(names), rating, choices.min_rating
    )
    users = cells(earlier.frame[columns.user]).to_list()
    histories = Histories.of_events(users, events.places(earlier))
    counts = np.bincount(histories.items, minlength=len(names))
    events = replace(events, counts=tuple(counts.tolist()))
    read, predicted, known, left_out = _tested(histories, events, later)
    source = table.source if test is None else f"{table.source} and {test.source}"
    if not len(read):
        raise GlassnetError(
            "no test user has both an earlier and a later item that training events have, too.",
            where=source,
            fix="Give more events, or check which columns are users and items: --user, --item.",
        )
    _require_memory(len(histories) + 2 * len(read), len(names), source)
    sizes = histories.counts
    return Interactions(
        Path(table.source).stem, histories.matrix(len(names)), histories.shares(len(names)),
        read.matrix(len(names)), predicted.shares(len(names)), (), source,
        _hash(columns, names, (histories, read, predicted)), weights=sizes / sizes.mean(),
        events=events, columns=columns, histories=histories, known=known, left_out=left_out,
        below=below,
    )  # fmt: skip


def _counting(table: Table, columns: EventColumns, least: float | None) -> tuple[Table, int]:
    """Return the rows that are events, and how many are not, for their rating is below the least.

    Raises if there are no ratings.
    """
    table = with_names(table, (columns.user, columns.item))
    if least is None:
        return table, 0
    if columns.rating is None or columns.rating not in table.columns:
        raise GlassnetError(
            f"needs a column called rating, stars or score; there are "
            f"{', '.join(table.columns):.200}.",
            where="--min-rating",
            fix="Rename the column of ratings, or leave the option out.",
        )
    events = rated(table, columns.rating, least)
    if not len(events):
        what = f"no {columns.rating} is at least {least:g}."
        raise GlassnetError(what, where=table.source, fix="Choose a lower --min-rating.")
    return events, len(table) - len(events)


def _split(
    table: Table, columns: EventColumns, choices: Choices, test: Table | None
) -> tuple[Table, Table]:
    """Return the training events and the test events, each in the order of time."""
    if (split := next((c for c in table.columns if c.lower() == "split"), None)) is not None:
        if choices.time is not None:
            what = f"splits the rows, and so does the column {split!r}."
            raise GlassnetError(what, where="--time")
        train, tested, held_out = parts.by_column(table, split, np.zeros(len(table), int), test)
        if held_out is not None:
            doubt(
                f"the rows that {split!r} marks as validation are trained on, too: a tenth of the "
                "users are for validation, by their latest items.",
                table.source,
                "Set their share with --validation-split.",
            )
        later = table.rows(tested) if test is None else test
        return _in_order(table.rows(train), columns), _in_order(later, columns)
    if test is not None:
        return _in_order(table, columns), _in_order(test, columns)
    if columns.time is not None:
        earlier_rows, later_rows = parts.by_time(table, columns.time)
        return table.rows(earlier_rows), table.rows(later_rows)
    doubt(
        "has no column of times: a fifth of each user's events is for testing, by chance, so the "
        "test may be easier than recommending what comes next.",
        table.source,
        "If there is one, name it: --time COLUMN.",
    )
    users = cells(table.frame[columns.user]).rank("dense").to_numpy().astype(np.int64) - 1
    order = np.random.Generator(np.random.Philox(0)).permutation(len(table))
    order = order[np.argsort(users[order], kind="stable")]
    counts = np.bincount(users)
    rank = np.arange(len(order)) - np.repeat(counts.cumsum() - counts, counts)
    held_out = rank < np.repeat(np.round(counts * parts.SHARE), counts)
    return table.rows(order[~held_out]), table.rows(order[held_out])


def _in_order(table: Table, columns: EventColumns) -> Table:
    """Return the rows in the order of time, if they have times."""
    if columns.time is None or columns.time not in table.columns:
        return table
    return table.rows(np.argsort(parts.times_of(table, columns.time), kind="stable"))


def _tested(
    histories: Histories, events: Events, later: Table
) -> tuple[Histories, Histories, np.ndarray, LeftOut]:
    """Return what is read and what is predicted of each test user, who is known, what is left out.

    Both histories have the same users, the known ones first.
    """
    everyone = cells(later.frame[events.user]).n_unique()
    places = events.places(later)
    cold = cells(later.frame[events.item]).filter(places < 0).n_unique()
    warm, items = later.rows(places >= 0), places[places >= 0]
    users = cells(warm.frame[events.user]).to_list()
    owners = np.array([histories.places.get(user, -1) for user in users], np.int64)
    width = len(events.items)
    had = np.isin(owners * width + items, histories.owners * width + histories.items)
    had &= owners >= 0
    fresh = Histories.of_events([users[row] for row in np.flatnonzero(~had)], items[~had])
    before = np.array([histories.places.get(user, -1) for user in fresh.users], np.int64)
    first, second = fresh.of_users(np.flatnonzero(before < 0)).split(FOLDED_IN)
    read = histories.of_users(before[before >= 0]).joined(first)
    predicted = fresh.of_users(np.flatnonzero(before >= 0)).joined(second)
    known = np.arange(len(read)) < int((before >= 0).sum())
    tested = np.flatnonzero((read.counts > 0) & (predicted.counts > 0))
    left_out = LeftOut(
        cold, int((places < 0).sum()), len(items) - len(fresh.items), everyone - len(tested)
    )
    return read.of_users(tested), predicted.of_users(tested), known[tested], left_out


def _require_memory(users: int, items: int, source: str) -> None:
    """Raise if the matrices of users and items don't fit into memory."""
    needed = _BYTES * users * items
    if needed > (free := available()):
        raise GlassnetError(
            f"{users:,} users × {items:,} items need about {needed / 1e9:.1f} GB of memory; "
            f"{free / 1e9:.1f} GB are free.",
            where=source,
            fix="Leave out rare items or some of the users.",
        )


def _hash(columns: EventColumns, items: Sequence[str], all_: Sequence[Histories]) -> str:
    digest = hashlib.sha256(repr((columns.user, columns.item, items)).encode())
    for histories in all_:
        digest.update(repr(histories.users).encode())
        for array in (histories.starts, histories.items):
            digest.update(array.astype("<i8").tobytes())
    return digest.hexdigest()
