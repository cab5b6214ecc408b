"""Items that a recommender's network sees as similar: those that the same users are to choose."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError, did_you_mean
from glassnet.data.events import Events
from glassnet.evaluate.recommendation import TOP
from glassnet.evaluate.recommendations import events_of
from glassnet.model.model import Model


@dataclass(frozen=True, eq=False)
class SimilarItems:
    """The items that are the most similar to one, the most similar first.

    A similarity is the cosine of the items' embeddings, from -1 to 1.
    """

    events: Events
    item: int
    items: Array  # their numbers, at most k
    similarities: Array

    @property
    def users(self) -> int:
        """The number of training users of the item: with few of them, its embedding is noise."""
        return self.events.counts[self.item]

    def rows(self) -> list[tuple[str, Any, float]]:
        """The name, the training users and the similarity of each item."""
        names, counts = self.events.items, self.events.counts
        pairs = zip(self.items.tolist(), self.similarities.tolist(), strict=True)
        return [(names[item], counts[item], similarity) for item, similarity in pairs]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        keys = ("item", "users", "similarity")
        similar = [dict(zip(keys, row, strict=True)) for row in self.rows()]
        return {"item": self.events.items[self.item], "users": self.users, "similar": similar}


def similar_items(
    model: Model, names: Sequence[str], where: str, top: int = TOP
) -> list[SimilarItems]:
    """Return the `top` items that are the most similar to each of these.

    sᵢⱼ = wᵢ · wⱼ / (|wᵢ| |wⱼ|), where wᵢ is the column of item i in the kernel of the last layer:
    two items are similar if whatever a user has makes both likely or both unlikely. Raises
    GlassnetError for an unknown item, and for a network whose last layer has no such kernel.
    """
    events = events_of(model, where)
    weights = model.layers[-1].get_weights()
    if not weights or weights[0].ndim != 2 or weights[0].shape[1] != len(events.items):
        raise GlassnetError(
            "ends in a layer without an embedding of each item.", where=where,
            fix="Items are compared by the columns of the kernel of a last Dense layer.",
        )  # fmt: skip
    kernel = np.asarray(weights[0], np.float64)
    vectors = kernel / np.maximum(np.linalg.norm(kernel, axis=0), 1e-12)
    results = []
    for name in names:
        if name not in events.numbers:
            what = f"no training event has the item {name!r:.80}."
            raise GlassnetError(what, where=where, fix=did_you_mean(name, events.items))
        item = events.numbers[name]
        similarities = vectors.T @ vectors[:, item]
        order = np.argsort(-similarities, kind="stable")
        best = order[order != item][:top]
        results.append(SimilarItems(events, item, best, similarities[best]))
    return results
