"""`Preprocessing`: the only way from raw rows to arrays, a part of the model file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from glassnet.core.doubts import doubt
from glassnet.core.errors import GlassnetError
from glassnet.core.registry import added, build, describe, register
from glassnet.data.columns.base import Column
from glassnet.data.columns.category import Category
from glassnet.data.columns.files import FILES
from glassnet.data.columns.files import typed as typed_cells
from glassnet.data.columns.inference import Inferred
from glassnet.data.columns.number import Number
from glassnet.data.sources.tables import Table
from glassnet.data.targets import Target

if TYPE_CHECKING:
    import polars as pl

_NAMED = 3  # values of new cells in a message


@dataclass(frozen=True)
class Features:
    """What a network has to know of a matrix of features (N, F)."""

    names: tuple[str, ...]
    embedded: tuple[tuple[int, int], ...] = ()  # (place of a category's number, how many there are)
    quantiles: tuple[tuple[int, tuple[float, ...]], ...] = ()  # (place of a number, its quantiles)


@dataclass(frozen=True)
class Input:
    """What a network has to know of one array of x: the features, or what a column makes."""

    kind: str  # one of BLOCKS
    name: str  # of the column; "features" for theirs
    shape: tuple[int, ...]  # of one row
    vocabulary: int | None = None  # the number of token ids of a text


@register("rows")
@dataclass(frozen=True)
class Preprocessing:
    """The columns and the target of a table, fitted to its training rows.

    `means` are those of the features in the training rows, 0 for an embedded category; `counts` are
    how many training rows have each value of the embedded categories. Older files have neither.
    """

    columns: tuple[Column, ...]
    target: Target
    means: tuple[float, ...] = added(())
    counts: tuple[tuple[int, ...], ...] = added(())

    @classmethod
    def fitted(
        cls,
        columns: Sequence[Inferred],
        target: Target,
        typed: "pl.DataFrame",
        values: np.ndarray,
        reading: Mapping[str, Any] = MappingProxyType({}),
    ) -> Self:
        """Return the preprocessing, fitted to typed training rows and their targets.

        `reading` are the options of the tokenizer for texts.
        """
        fitted = [
            c.fitted(typed[c.name] if c.name in typed.columns else None, reading) for c in columns
        ]
        return cls(tuple(fitted), target.fitted(values))

    @property
    def read(self) -> tuple[Column, ...]:
        """The columns that are read."""
        return tuple(column for column in self.columns if column.block)

    @property
    def of_features(self) -> tuple[Column, ...]:
        """The columns whose features share an array."""
        return tuple(column for column in self.columns if column.block == "features")

    @property
    def of_their_own(self) -> tuple[Column, ...]:
        """The columns that make an array each."""
        return tuple(column for column in self.read if column.block != "features")

    @property
    def inputs(self) -> tuple[Input, ...]:
        """What a network has to know of each array of x: the features come first."""
        names = self.features.names
        features = (Input("features", "features", (len(names),)),) if names else ()
        own = (Input(c.block, c.name, c.shape, c.vocabulary) for c in self.of_their_own)
        return (*features, *own)

    @property
    def features(self) -> Features:
        """What a network has to know of the features."""
        names: list[str] = []
        embedded, quantiles = [], []
        for column in self.of_features:
            if isinstance(column, Category) and column.embedded:
                embedded.append((len(names), len(column.known) + 1))
            if isinstance(column, Number) and column.quantiles:
                quantiles.append((len(names), column.quantiles))
            names += column.features
        return Features(tuple(names), tuple(embedded), tuple(quantiles))

    def with_means(self, features: np.ndarray, rows: Any = slice(None)) -> Self:
        """Return the preprocessing with the means and counts of these rows of the features."""
        embedded, means, counts = dict(self.features.embedded), [], []
        for place in range(features.shape[1]):
            column = features[rows, place]  # one at a time: a copy of all takes memory
            size = embedded.get(place)
            means.append(0.0 if size else float(column.mean(dtype=np.float64)))
            if size:
                counts.append(tuple(np.bincount(column.astype(int), minlength=size).tolist()))
        return replace(self, means=tuple(means), counts=tuple(counts))

    @property
    def places(self) -> dict[str, range]:
        """Where the features of each column are, on the last axis of their array."""
        ends = np.cumsum([len(column.features) for column in self.of_features]).tolist()
        return {
            column.name: range(end - len(column.features), end)
            for column, end in zip(self.of_features, ends, strict=True)
        }

    def x(self, typed: "pl.DataFrame") -> Any:
        """Return the array of each of the `inputs` for typed rows: one, or a tuple of them.

        The features are (N, F) in float32.
        """
        own = [column.encoded(typed[column.name]) for column in self.of_their_own]
        arrays = (self._features(typed), *own) if self.of_features else tuple(own)
        return arrays if len(arrays) > 1 else arrays[0]

    def _features(self, typed: "pl.DataFrame") -> np.ndarray:
        x = np.empty((len(typed), len(self.features.names)), np.float32)
        for column, places in zip(self.of_features, self.places.values(), strict=True):
            x[:, places] = column.encoded(typed[column.name])
        return x

    def files(self, typed: "pl.DataFrame") -> Sequence[str]:
        """Return the files that typed rows are from, if each is one; otherwise ()."""
        inputs = self.inputs
        if len(inputs) > 1 or inputs[0].kind not in FILES:
            return ()
        paths: list[str] = typed[inputs[0].name].fill_null("").to_list()
        return paths

    def typed(self, table: Table) -> "pl.DataFrame":
        """Return new rows with the types of the columns.

        Doubts cells that no training row has, and columns that are missing or unknown. Raises if
        none of the columns is there.
        """
        import polars as pl

        self._check_names(table)
        typed = []
        for column in self.read:
            if column.name not in table.columns:
                typed.append(column.typed(pl.Series(column.name, [None] * len(table), pl.String)))
                continue
            raw = table.frame[column.name]
            values = typed_cells(table, column, column.kind)
            for what, rows in column.doubts(raw, values):
                _doubt_cells(table, column.name, what, rows)
            typed.append(values.alias(column.name))
        return pl.DataFrame(typed)

    def _check_names(self, table: Table) -> None:
        names = set(table.columns)
        known = {*(column.name for column in self.columns), *self.target.columns}
        read = [column.name for column in self.read]
        missing = [name for name in read if name not in names]
        if len(missing) == len(read):
            raise GlassnetError(
                f"has none of the columns that the model was trained on: {', '.join(read):.200}.",
                where=table.source,
                fix=f"It has {', '.join(table.columns):.200}.",
            )
        if missing:
            doubt(
                f"has no column {', '.join(map(repr, missing)):.200}: read as missing in all rows.",
                table.source,
                "Add it, or predictions may be far off.",
            )
        if extra := [name for name in table.columns if name not in known]:
            doubt(
                f"has columns that no training row had, which are not read: "
                f"{', '.join(map(repr, extra)):.200}.",
                table.source,
                "Check their names, if they should be.",
            )

    def to_dict(self) -> dict[str, Any]:
        """Return the preprocessing as JSON values."""
        values: dict[str, Any] = describe(self)
        return values

    @classmethod
    def from_dict(cls, values: Any, where: str = "rows") -> Self:
        """Return the preprocessing of a model file; raises unless it is valid."""
        preprocessing: Self = build("rows", values, where=where)
        if not isinstance(preprocessing, cls) or not preprocessing.read:
            raise GlassnetError("is not the preprocessing of a table.", where=where)
        return preprocessing


def _doubt_cells(table: Table, name: str, what: str, rows: np.ndarray) -> None:
    """Doubt the cells of a column in some rows."""
    places = np.flatnonzero(rows)
    cells = table.frame[name].gather(places).cast(str).unique(maintain_order=True).to_list()
    values = ", ".join(repr(cell) for cell in cells[:_NAMED] if cell is not None)
    more = f" and {len(cells) - _NAMED:,} more" if len(cells) > _NAMED else ""
    others = f" (in {len(places):,} rows)" if len(places) > 1 else ""
    doubt(
        f"{name} {what}{f': {values}{more}' if values else ''}{others}.",
        table.place(places[0]),
        "Check it: the prediction may be less accurate.",
    )
