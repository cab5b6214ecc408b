"""`Histories`: the items of each user, the earliest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np


@dataclass(frozen=True, eq=False)
class Histories:
    """The items of each user, the earliest first and each once.

    Those of user u are items[starts[u] : starts[u + 1]], whole numbers from 0.
    """

    users: tuple[str, ...]
    starts: np.ndarray  # (U + 1,)
    items: np.ndarray  # (E,)

    @classmethod
    def of_events(cls, users: Sequence[str], items: np.ndarray) -> Self:
        """Return the histories of events in the order of time: a user and an item each."""
        names = tuple(sorted(set(users)))
        places = {name: place for place, name in enumerate(names)}
        owners = np.fromiter((places[user] for user in users), np.int64, len(users))
        width = int(items.max(initial=0)) + 1
        first = np.sort(np.unique(owners * width + items, return_index=True)[1])  # of each pair
        order = first[np.argsort(owners[first], kind="stable")]
        counts = np.bincount(owners[order], minlength=len(names))
        return cls(names, np.append(0, counts.cumsum()), items[order])

    def __len__(self) -> int:
        return len(self.users)

    @property
    def counts(self) -> np.ndarray:
        """The number of items of each user, (U,)."""
        return np.diff(self.starts)

    @cached_property
    def places(self) -> dict[str, int]:
        """The number of each user."""
        return {name: place for place, name in enumerate(self.users)}

    @cached_property
    def owners(self) -> np.ndarray:
        """The number of the user of each item, (E,)."""
        return np.repeat(np.arange(len(self)), self.counts)

    def of_user(self, user: int) -> np.ndarray:
        """Return the items of a user."""
        return self.items[self.starts[user] : self.starts[user + 1]]

    def selected(self, events: np.ndarray) -> Self:
        """Return the histories of some of the events: True for each, (E,)."""
        counts = np.bincount(self.owners[events], minlength=len(self))
        return type(self)(self.users, np.append(0, counts.cumsum()), self.items[events])

    def of_users(self, users: np.ndarray) -> Self:
        """Return the histories of some of the users, by their numbers."""
        parts = [self.of_user(user) for user in users]
        counts = np.array([len(part) for part in parts], np.int64)
        names = tuple(self.users[user] for user in users)
        items = np.concatenate(parts) if parts else self.items[:0]
        return type(self)(names, np.append(0, counts.cumsum()), items)

    def named(self, users: Sequence[str]) -> Self:
        """Return the histories of these users, in this order; that of unknown users is empty."""
        known = [self.places.get(user, -1) for user in users]
        parts = [self.of_user(place) if place >= 0 else self.items[:0] for place in known]
        starts = np.append(0, np.cumsum([len(part) for part in parts])).astype(np.int64)
        return type(self)((*users,), starts, np.concatenate([self.items[:0], *parts]))

    def joined(self, others: Self) -> Self:
        """Return these histories and, after them, those of other users."""
        starts = np.append(self.starts, self.starts[-1] + others.starts[1:])
        items = np.concatenate([self.items, others.items])
        return type(self)((*self.users, *others.users), starts, items)

    def split(self, share: float) -> tuple[Self, Self]:
        """Return the earlier and the later items of each user; `share` of them are earlier.

        The earlier part is rounded to whole items and, of two or more, leaves one to the later.
        """
        counts = self.counts
        earlier = np.minimum(np.round(share * counts), np.maximum(counts - 1, 0))
        is_earlier = np.arange(len(self.items)) - self.starts[self.owners] < earlier[self.owners]
        return self.selected(is_earlier), self.selected(~is_earlier)

    def shares(self, items: int) -> np.ndarray:
        """Return 1/n where a user has one of their n items and 0 elsewhere, (U, items) float32."""
        return self.matrix(items) / np.maximum(self.counts, 1).astype(np.float32)[:, None]

    def matrix(self, items: int) -> np.ndarray:
        """Return 1 where a user has an item and 0 elsewhere, (U, items) in uint8."""
        matrix = np.zeros((len(self), items), np.uint8)
        matrix[self.owners, self.items] = 1
        return matrix
