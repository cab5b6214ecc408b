"""Events of users and items: which columns they are, and what a model knows of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from glassnet.core.doubts import collected_doubts, doubt
from glassnet.core.errors import GlassnetError
from glassnet.core.plurals import counted
from glassnet.core.registry import build, describe, register
from glassnet.data.columns.base import cells
from glassnet.data.columns.inference import require_column
from glassnet.data.columns.number import numbers_in
from glassnet.data.histories import Histories
from glassnet.data.missing import rows_with_all
from glassnet.data.sources.tables import Table

if TYPE_CHECKING:
    from glassnet.data.roles import Choices

TASK = "items"  # what is predicted
# Names of columns, in lower case and without signs; the likelier ones first.
_NAMES = {
    "user": ("user", "userid", "username", "customer", "customerid", "client", "clientid", "member",
             "memberid", "visitor", "visitorid", "reviewer", "reviewerid", "reader", "readerid",
             "account", "accountid", "person", "personid", "session", "sessionid"),
    "item": ("item", "itemid", "product", "productid", "movie", "movieid", "film", "filmid",
             "article", "articleid", "book", "bookid", "isbn", "song", "songid", "track", "trackid",
             "artist", "artistid", "game", "gameid", "recipe", "recipeid", "sku", "asin",
             "stockcode", "business", "businessid", "title"),
    "time": ("timestamp", "time", "date", "datetime", "createdat", "eventtime", "ratedat",
             "unixreviewtime", "reviewtime", "invoicedate", "orderdate"),
    "rating": ("rating", "ratings", "stars", "score", "overall"),
}  # fmt: skip


@dataclass(frozen=True)
class EventColumns:
    """The names of the columns of events; without a time or ratings, None."""

    user: str
    item: str
    time: str | None
    rating: str | None


def event_columns(table: Table, choices: "Choices") -> EventColumns:
    """Return which columns are users, items, times and ratings: those chosen, else by name.

    Raises GlassnetError if users or items can't be told.
    """
    chosen = {"user": choices.user, "item": choices.item, "time": choices.time}
    for option, name in chosen.items():
        if name is not None:
            require_column(table, name, f"--{option}")
    names = named_columns(table.columns, {role: name for role, name in chosen.items() if name})
    for role in ("user", "item"):
        if names[role] is None:
            raise GlassnetError(
                f"can't tell which column is the {role}: there are "
                f"{', '.join(table.columns):.200}.",
                where=table.source,
                fix=f"Name it with --{role} COLUMN.",
            )
    return EventColumns(**names)  # type: ignore[arg-type]  # neither user nor item is None


def named_columns(
    columns: Sequence[str], chosen: Mapping[str, str] = MappingProxyType({})
) -> dict[str, str | None]:
    """Return the column of each role: user, item, time, rating; by name, if it was not chosen."""
    names: dict[str, str | None] = dict.fromkeys(_NAMES)
    names |= chosen
    for role, typical in _NAMES.items():
        left = [name for name in columns if name not in names.values()]
        plain = {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in reversed(left)}
        names[role] = names[role] or next((plain[n] for n in typical if n in plain), None)
    return names


def with_names(table: Table, columns: Sequence[str]) -> Table:
    """Return the rows that have a cell in each of these columns; doubts the others."""
    none = f"no row has {'both ' if len(columns) > 1 else ''}{' and '.join(columns)}."
    present = rows_with_all(table, columns, " or ".join(columns), none)
    return table if present.all() else table.rows(present)


def rated(table: Table, column: str, least: float) -> Table:
    """Return the rows with at least this rating; raises for a cell that is not a number."""
    table = with_names(table, (column,))
    ratings = numbers_in(table.frame[column])
    if ratings.has_nulls():
        row = int(ratings.is_null().arg_max() or 0)
        raise GlassnetError(
            f"{column} is {table.frame[column][row]!r:.60}, not a number.",
            where=table.place(row),
            fix="--min-rating needs a number in every row.",
        )
    return table.rows((ratings >= least).to_numpy())


@register("rows")
@dataclass(frozen=True)
class Events:
    """What a model knows of events: their columns, and the items, each with its number of users.

    Only rows with a `rating` of at least `min_rating` are events, if that is a number.
    """

    user: str
    item: str
    items: tuple[str, ...]
    counts: tuple[int, ...]  # of the training users
    rating: str | None = None
    min_rating: float | None = None

    def __post_init__(self) -> None:
        if not self.items or len(self.items) != len(self.counts):
            what = f"has {len(self.items)} items and {len(self.counts)} counts."
            raise GlassnetError(what, where="Events")
        if len(set(self.items)) < len(self.items):
            raise GlassnetError("has an item twice.", where="Events")

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each item."""
        return {name: number for number, name in enumerate(self.items)}

    def places(self, table: Table) -> np.ndarray:
        """Return the number of the item of each row, (N,); −1 for unknown items."""
        import polars as pl

        items = cells(table.frame[self.item])
        places: np.ndarray = items.replace_strict(
            self.numbers, default=-1, return_dtype=pl.Int64
        ).to_numpy()
        return places

    def read(self, table: Table) -> tuple[Histories, Histories]:
        """Return what the users in a table have that counts, and all that they have.

        The rows are in the order of time. Both histories have the same users. Doubts unknown items,
        which are not read. Raises if a column is missing.
        """
        for column in (self.user, self.item):
            require_column(table, column, table.source)
        table = with_names(table, (self.user, self.item))
        if self.min_rating is None or self.rating is None:
            return (histories := self._histories(table)), histories
        if self.rating not in table.columns:
            doubt(
                f"has no column {self.rating!r}: every row counts as a rating of at least "
                f"{self.min_rating:g}.",
                table.source,
                "Add it, or leave out what users don't like.",
            )
            return (histories := self._histories(table)), histories
        counting = self._histories(rated(table, self.rating, self.min_rating))
        with collected_doubts():  # of the same items
            everything = self._histories(table)
        return counting.named(everything.users), everything

    def _histories(self, table: Table) -> Histories:
        places = self.places(table)
        unknown = places < 0
        if unknown.any():
            items = cells(table.frame[self.item]).filter(unknown).unique(maintain_order=True)
            doubt(
                f"{self.item} has {counted(len(items), 'value')} that no training event has, such "
                f"as {items[0]!r:.60}: {counted(int(unknown.sum()), 'row is', 'rows are')} not "
                "read.",
                table.place(int(unknown.argmax())),
                "Train again with their events, and they can be recommended.",
            )
        users = cells(table.frame[self.user]).to_list()
        histories = Histories.of_events(users, np.where(unknown, len(self.items), places))
        return histories.selected(histories.items < len(self.items))

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        values: dict[str, Any] = describe(self)
        return values

    @classmethod
    def from_dict(cls, values: Any, where: str = "rows") -> Self:
        """Return what a model file has; raises unless it is valid."""
        events = build("rows", values, where=where)
        if not isinstance(events, cls):
            raise GlassnetError("was not trained on events of users and items.", where=where)
        return events
