"""Columns of categories: one-hot if there are few values, else the number of the value."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from glassnet.core.doubts import doubt
from glassnet.core.registry import register
from glassnet.data.columns.base import Column, Doubt, cells, indicator

if TYPE_CHECKING:
    import polars as pl

ONE_HOT = 32  # values at most that have a feature each
_REPEATED = 2  # training rows that a value must have to be embedded
_ROOM = 400_000  # bytes of all values to embed: a model file has room for 2 MB of JSON


@register("column")
@dataclass(frozen=True)
class Category(Column):
    """The value as features; `known` are the values of the training rows.

    Up to 32 values have one feature each, 1 in rows with this value; another value is 0 in all of
    them. Of more values, the feature is the number of the value, from 1, which the network embeds;
    it is 0 for values that fewer than two training rows have. 1 in a last feature: it is missing.
    """

    known: tuple[str, ...]

    kind: ClassVar[str] = "category"
    block: ClassVar[str] = "features"

    @classmethod
    def fitted(cls, name: str, reason: str, values: "pl.Series") -> Self:
        """Return the column, fitted to the values of the training rows."""
        counts = values.drop_nulls().value_counts(sort=True)
        known, times = counts[:, 0].to_list(), counts[:, 1].to_numpy()
        if len(known) > ONE_HOT:
            known = known[: max(int((times >= _REPEATED).sum()), ONE_HOT + 1)]
            sizes = np.cumsum([len(value.encode()) + 4 for value in known])
            if sizes[-1] > _ROOM:
                known = known[: max(int((sizes <= _ROOM).sum()), 1)]
                doubt(
                    f"has more values than fit in a model file: the {len(known):,} most frequent "
                    "are distinguished, all others are one.",
                    f"column {name!r}",
                    f"If it is a name or a number of the row: --drop {name}.",
                )
        return cls(name, reason, values.has_nulls(), tuple(sorted(known)))

    @property
    def embedded(self) -> bool:
        """True if the feature is the number of the value."""
        return len(self.known) > ONE_HOT

    @property
    def features(self) -> tuple[str, ...]:
        each = (self.name,) if self.embedded else [f"{self.name}={value}" for value in self.known]
        return (*each, f"{self.name} is missing") if self.misses else tuple(each)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {value: number for number, value in enumerate(self.known, 1)}

    def typed(self, raw: "pl.Series") -> "pl.Series":
        return cells(raw)

    def encoded(self, values: "pl.Series") -> np.ndarray:
        import polars as pl

        numbers = values.replace_strict(self._numbers, default=0, return_dtype=pl.Int64)
        places = numbers.fill_null(0).to_numpy()
        features = places[:, None].astype(np.float32)
        if not self.embedded:
            features = (features == np.arange(1, len(self.known) + 1)).astype(np.float32)
        return np.hstack([features, indicator(values)]) if self.misses else features

    def doubts(self, raw: "pl.Series", values: "pl.Series") -> Iterator[Doubt]:
        yield from super().doubts(raw, values)
        unknown = values.is_not_null() & ~values.is_in(self.known)
        if unknown.any():
            rows = "fewer than two training rows have" if self.embedded else "no training row has"
            yield f"has a value that {rows}", unknown.to_numpy()
