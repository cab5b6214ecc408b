"""`glassnet predict RUN --user NAME`: recommend items to users with a trained model."""

from collections.abc import Sequence

import numpy as np

from glassnet.core.doubts import collected_doubts
from glassnet.core.errors import GlassnetError
from glassnet.data.columns.base import cells
from glassnet.data.events import Events
from glassnet.data.histories import Histories
from glassnet.data.sources.raw_rows import read_rows
from glassnet.data.sources.tables import Table, read_table
from glassnet.evaluate.recommendations import Recommendations, events_of, recommendations
from glassnet.model.model import Model
from glassnet.runs.run import Run, is_run, settings_of


def recommend(
    model: Model, folder: str, users: Sequence[str], path: str | None, top: int
) -> Recommendations:
    """Recommend items to these users of the run's data, or to the users in a table.

    What users have is in the table or, if it has no column of items or there is none, in all events
    of the run's data, those of its test included. Raises GlassnetError if that is gone.
    """
    events = events_of(model, folder)
    if is_run(folder):
        Run(folder).warn_if_unfinished()
    if path is None:
        return recommendations(model, *_of_run(events, folder, users), folder, top)
    table = read_rows(path)
    if events.item in table.columns:
        histories = events.read(table)
        if users:
            histories = (histories[0].named(users), histories[1].named(users))
        return recommendations(model, *histories, path, top)
    if events.user not in table.columns:
        raise GlassnetError(
            f"has no column {events.user!r}: it has {', '.join(table.columns):.200}.", where=path
        )
    users = cells(table.frame[events.user]).drop_nulls().unique(maintain_order=True).to_list()
    return recommendations(model, *_of_run(events, folder, users), path, top)


def _of_run(events: Events, folder: str, users: Sequence[str]) -> tuple[Histories, Histories]:
    """Return `Events.read` of these users by all events of a run's data."""
    if not is_run(folder):
        raise GlassnetError(
            "is a model without its data, so it does not know what users have.",
            where=folder,
            fix="Name the run, or give the users' events: glassnet predict RUN events.csv.",
        )
    settings = settings_of(Run(folder))
    paths = [path for path in (settings.data, settings.test_file) if path is not None]
    parts = [read_table(path, encoding=settings.encoding) for path in paths]
    with collected_doubts():  # the training has named them
        read = [events.read(_events_of(part, events, users)) for part in parts]
    counting, everything = zip(*read, strict=True)
    return _merged(counting).named(users), _merged(everything).named(users)


def _events_of(table: Table, events: Events, users: Sequence[str]) -> Table:
    """Return the events of these users."""
    return table.rows(cells(table.frame[events.user]).is_in([*users]).fill_null(False).to_numpy())


def _merged(all_: Sequence[Histories]) -> Histories:
    """Return histories in which the same users may be, the earlier ones first, as one."""
    users = [histories.users[owner] for histories in all_ for owner in histories.owners.tolist()]
    return Histories.of_events(users, np.concatenate([histories.items for histories in all_]))
