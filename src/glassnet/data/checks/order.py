"""Checks of rows that belong together, but that a random split tears apart: people, and days."""

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.doubts import doubt
from glassnet.data.sources.tables import Table
from glassnet.data.targets import Classes, Labels, Target

if TYPE_CHECKING:
    import polars as pl

_WHO = (
    "person|patient|subject|participant|user|customer|client|member|donor|student|pupil|employee|"
    "household|family|speaker|singer|author|player|animal|device|sensor|machine|session|email"
)
_GROUP = re.compile(
    rf"(?i:(^|[_ .-])(id|uuid|guid)$|^({_WHO})([_ .-]?(no|nr|number|name|code))?$)|[a-z]I[dD]$"
)
_GROUPS, _SHARE = 10, 0.7  # different values, at least; share of the rows, at most
_ROWS, _DATES = 50, 20  # rows, and different dates, that show an order
_ALIKE = 0.5  # correlation of neighbors in time; changes of class over those in random order


def check_groups(table: Table, others: Collection[str | None]) -> None:
    """Doubt columns but `others` whose name says that rows with the same value belong together."""
    for name in table.columns:
        if name in others or not _GROUP.search(name):
            continue
        different = table.frame[name].n_unique()
        if _GROUPS <= different <= _SHARE * len(table):
            doubt(
                f"has {different:,} different values in {len(table):,} rows, so rows of one of "
                "them are in both the training and the test part: the results are too good for "
                "new ones.",
                f"{table.source}: column {name!r}",
                f"To test on values that no training row has: --group {name}.",
            )


def check_time(source: str, columns: "pl.DataFrame", target: Target, values: Array) -> None:
    """Doubt a random split of rows whose targets hardly change from one date to the next."""
    if len(columns) < _ROWS or isinstance(target, Labels):
        return
    for column in columns:
        if not column.dtype.is_temporal() or column.has_nulls():
            continue
        if column.n_unique() < _DATES:
            continue
        mixed = np.random.default_rng(0).permutation(len(column))  # rows of one date have no order
        order = mixed[np.argsort(column.to_physical().to_numpy()[mixed], kind="stable")]
        if _is_smooth(values[order], isinstance(target, Classes)):
            doubt(
                f"puts {', '.join(map(repr, target.columns))} in an order in which neighbors are "
                "alike, but the test rows are chosen at random, between training rows: the results "
                "are too good for later dates.",
                f"{source}: column {column.name!r}",
                f"To test on the latest rows: --time {column.name}.",
            )


def _is_smooth(values: Array, classes: bool) -> bool:
    """True if targets in the order of time are much more like their neighbors than by chance."""
    if classes:
        share = np.bincount(values) / len(values)
        expected = 1 - float(np.square(share).sum())
        return float((np.diff(values) != 0).mean()) < _ALIKE * expected
    centered = values - values.mean(axis=0)
    variance = np.square(centered).mean(axis=0)
    with np.errstate(invalid="ignore"):
        alike = (centered[1:] * centered[:-1]).mean(axis=0) / variance
    return bool((alike > _ALIKE).any())
