"""`Ratings`: a table of users' ratings of items as a data set, from which ratings are predicted."""

from dataclasses import dataclass, replace

import numpy as np

from glassnet.core.doubts import collected_doubts, doubt
from glassnet.core.errors import GlassnetError
from glassnet.data.columns.inference import require_column
from glassnet.data.events import TASK, EventColumns, event_columns, with_names
from glassnet.data.roles import Choices, roles_of
from glassnet.data.rows import Rows, rows_of
from glassnet.data.sources.tables import Table

_NOT_FOR_RATINGS = ("columns", "drop", "group", "text_column", "label_column", "min_rating")
_NUMBERS = "numbers"


@dataclass(frozen=True, eq=False, repr=False)
class Ratings(Rows):
    """Ratings: rows of which only the user and the item are read, and the target is a number."""

    columns_of_events: EventColumns

    @property
    def kind(self) -> str:
        return "ratings"

    def users_and_items(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the numbers of the users and of the items of the training and the test rows, (N,).

        The training rows come first.
        """
        import polars as pl

        names = self.columns_of_events.user, self.columns_of_events.item
        rows = pl.concat([part.typed.select(names) for part in (self.train, self.test)])
        users, items = (rows[name].rank("dense").to_numpy().astype(np.int64) - 1 for name in names)
        return users, items


def ratings_of(table: Table, choices: Choices, test: Table | None = None) -> Ratings:
    """Return the data set of a table of ratings, one in each row.

    If there is a column of times, the latest fifth is for testing, unless a column named split or a
    file of test rows says otherwise. Raises GlassnetError.
    """
    for option in _NOT_FOR_RATINGS:
        if getattr(choices, option) not in (None, ()):
            raise GlassnetError(
                "is not for predicting ratings.",
                where=f"--{option.rstrip('s').replace('_', '-')}",
                fix="Only the columns --user and --item are read. To read others, too: "
                "--network tabular without --user and --item.",
            )
    if len(choices.target) > 1 or choices.task not in (None, TASK, _NUMBERS):
        what = f"is {_NUMBERS}, one in each row, if ratings are predicted."
        raise GlassnetError(what, where="--target, --task")
    (target,) = choices.target
    require_column(table, target, "--target")
    others = replace(table, frame=table.frame.drop(target))
    columns = replace(event_columns(others, choices), rating=target)
    split = [name for name in table.columns if name.lower() == "split"]
    time = choices.time if split or test is not None else columns.time
    read, dropped = [columns.user, columns.item], [] if time is None else [time]

    def narrowed(part: Table) -> Table:
        for name in (*read, target):
            require_column(part, name, part.source)
        names = [name for name in part.columns if name in (*read, target, *dropped, *split)]
        return with_names(replace(part, frame=part.frame.select(names)), read)

    choices = Choices(
        (target,), tuple((name, "category") for name in read), (*dropped,), _NUMBERS, time=time
    )
    table, test = narrowed(table), None if test is None else narrowed(test)
    with collected_doubts() as doubts:
        rows = rows_of(table, roles_of(table, choices), choices, test)
    for error in doubts:  # that users and items are in both parts, or new, is no fault of ratings
        if not any(error.where.endswith(f"column {name!r}") for name in read):
            doubt(error.what, error.where, error.fix)
    return Ratings(**vars(rows), columns_of_events=replace(columns, time=time))
