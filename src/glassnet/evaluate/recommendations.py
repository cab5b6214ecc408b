"""Items that a network recommends to users, from the items that they have."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.doubts import doubt
from glassnet.core.errors import GlassnetError, errors_inside
from glassnet.core.plurals import counted
from glassnet.data.events import Events
from glassnet.data.histories import Histories
from glassnet.evaluate.recommendation import TOP
from glassnet.evaluate.top_items import ranked
from glassnet.model.model import Model

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False)
class Recommendations:
    """The items that are recommended to each user, the best first; none that they have.

    A score is the probability of the item among all of them; for a user without items, whom the
    network knows nothing of, the item's share of the training events.
    """

    events: Events
    histories: Histories  # what was read
    items: tuple[Array, ...]  # the numbers of each user's items, at most k
    scores: tuple[Array, ...]

    @cached_property
    def frame(self) -> "pl.DataFrame":
        """The user, rank, item and score of each recommendation."""
        import polars as pl

        sizes = [len(items) for items in self.items]
        names, chosen = np.array(self.events.items, object), np.concatenate(self.items)
        ranks = [rank for size in sizes for rank in range(1, size + 1)]
        return pl.DataFrame(
            {
                self.events.user: np.repeat(np.array(self.histories.users, object), sizes).tolist(),
                "rank": ranks,
                self.events.item: names[chosen].tolist(),
                "score": np.concatenate(self.scores),
            },
            schema_overrides={self.events.user: pl.String, self.events.item: pl.String},
        )

    def to_dict(self) -> list[dict[str, Any]]:
        """Return one entry per user: how many of their items were read, and the recommendations."""
        names = self.events.items
        return [
            {
                "user": user,
                "read": int(read),
                "items": [
                    {"item": names[item], "score": float(score)}
                    for item, score in zip(items, scores, strict=True)
                ],
            }
            for user, read, items, scores in zip(
                self.histories.users, self.histories.counts, self.items, self.scores, strict=True
            )
        ]


def events_of(model: Model, where: str) -> Events:
    """Return what a model knows of events; raises unless its network maps items to items."""
    with errors_inside(where):
        events = Events.from_dict(model.about.get("rows"))
    if {model.input_shape, model.output_shape} != {(len(events.items),)}:
        raise GlassnetError(
            f"has {len(events.items)} items, but its network maps {model.input_shape} to "
            f"{model.output_shape}.",
            where=where,
        )
    return events


def recommends(model: Model) -> bool:
    """Return whether a model recommends items."""
    return model.about.get("kind") == "interactions"


def recommendations(
    model: Model, histories: Histories, everything: Histories, where: str, top: int = TOP
) -> Recommendations:
    """Return the `top` items for users with these histories; none of `everything` that they have.

    Doubts users without items, who get what is popular.
    """
    events = events_of(model, where)
    counts = np.array(events.counts)
    x, had = (part.matrix(len(events.items)) for part in (histories, everything))
    if empty := np.flatnonzero(histories.counts == 0).tolist():
        doubt(
            f"{counted(len(empty), 'user has', 'users have')} no events of items that the model "
            f"knows, such as {histories.users[empty[0]]!r:.60}: they get what is popular.",
            where,
            "Give their events, if there are some.",
        )

    def scores(block: Array) -> Array:
        outputs = np.array(model.predict(block, verbose=0), np.float64)
        outputs[~block.any(axis=1)] = counts / max(counts.sum(), 1)
        return outputs

    items, values = [], []
    for start, order, outputs in ranked(scores, x, counts, had):
        for row, places in enumerate(order):
            best = places[: min(top, int((had[start + row] == 0).sum()))]
            items.append(best)
            values.append(outputs[row, best])
    return Recommendations(events, histories, tuple(items), tuple(values))
