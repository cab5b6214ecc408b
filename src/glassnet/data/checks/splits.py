"""Checks of test rows that a file or a column selects: are they like the training rows?"""

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.doubts import doubt
from glassnet.core.plurals import first_of
from glassnet.data.class_names import same_name_hint
from glassnet.data.columns.number import shown
from glassnet.data.sources.tables import Table
from glassnet.data.targets import Classes, Labels, Target

if TYPE_CHECKING:
    import polars as pl

_ROWS = 20  # in each part; fewer show no distribution
_SHIFT, _RATIO = 3.0, 4.0  # of the means, in standard deviations; of the standard deviations
_OUTSIDE = 0.5  # share of the test values outside the training range
_UNKNOWN = 0.2  # share of the test rows with a category that no training row has
_ALL, _FEW = 0.9, 0.1  # shares of missing values in one part and the other
_OTHER_SHARES = 0.5  # total variation distance between the classes of the parts
_NAMED = 3


def check_names(known: Collection[str], test: Table) -> None:
    """Doubt columns that only a file with test rows has."""
    if extra := [name for name in test.columns if name not in known]:
        doubt(
            f"has columns that the training rows do not have: {', '.join(map(repr, extra)):.200}.",
            test.source,
            "Check the names, if they should be read.",
        )


def check_test_columns(train: "pl.DataFrame", test: "pl.DataFrame", where: str) -> None:
    """Doubt columns of typed test rows that are unlike those of the training rows."""
    import polars as pl

    if min(len(train), len(test)) < _ROWS:
        return
    for column in train:
        name, other = column.name, test[column.name]
        missing = [c.null_count() / len(c) for c in (column, other)]
        if abs(missing[1] - missing[0]) >= _ALL - _FEW:
            what = f"is missing in {missing[1]:.0%} of the test rows, but in {missing[0]:.0%} of "
            _doubt(f"{what}the training rows.", name, where)
        elif column.dtype == pl.String:
            _check_words(column.drop_nulls(), other.drop_nulls(), name, where)
        elif column.dtype.is_numeric():
            numbers, others = (part.drop_nulls().to_numpy() for part in (column, other))
            _check_numbers(numbers, others, name, where)


def check_test_targets(target: Target, train: Array, test: Array, where: str) -> None:
    """Doubt targets of test rows that are unlike those of the training rows."""
    if isinstance(target, Labels) or min(len(train), len(test)) < _ROWS:
        return
    if not isinstance(target, Classes):
        for name, values, others in zip(target.names, train.T, test.T, strict=True):
            _check_numbers(values, others, name, where)
        return
    names = target.class_names
    counts = [np.bincount(labels, minlength=len(names)) for labels in (train, test)]
    shares = [count / count.sum() for count in counts]
    if absent := [name for name, count in zip(names, counts[1], strict=True) if not count]:
        what = f"no test row is {first_of([*map(repr, absent)])}."
        doubt(what, where, "Add such rows to the test part, or this class is not tested.")
    elif abs(shares[0] - shares[1]).sum() / 2 > _OTHER_SHARES:
        at = int(abs(shares[0] - shares[1]).argmax())
        what = f"is {names[at]!r} in {shares[1][at]:.0%} of the test rows, but in "
        _doubt(f"{what}{shares[0][at]:.0%} of the training rows.", target.columns[0], where)


def _check_words(train: "pl.Series", test: "pl.Series", name: str, where: str) -> None:
    known = train.unique()
    unknown = test.filter(~test.is_in(known.implode()))
    if len(unknown) <= _UNKNOWN * len(test) or not len(test):
        return
    values = unknown.unique(maintain_order=True).to_list()
    hint = same_name_hint(values[0], known.to_list()) if len(known) < 1000 else ""
    _doubt(
        f"has values in {len(unknown):,} of {len(test):,} test rows that no training row has: "
        f"{', '.join(map(repr, values[:_NAMED]))}{', ...' * (len(values) > _NAMED)}.",
        name,
        where,
        hint,
    )


def _check_numbers(train: Array, test: Array, name: str, where: str) -> None:
    if min(len(train), len(test)) < _ROWS or not (spread := float(train.std())):
        return
    outside = float(((test < train.min()) | (test > train.max())).mean())
    ratio = float(test.std()) / spread
    shift = abs(float(test.mean() - train.mean())) / spread
    if outside > _OUTSIDE or shift > _SHIFT or not 1 / _RATIO < ratio < _RATIO:
        spans = [
            " to ".join(shown(float(f"{q:.4g}")) for q in np.quantile(part, (0.05, 0.95)))
            for part in (test, train)
        ]
        _doubt(
            f"is {spans[0]} in most test rows, but {spans[1]} in most training rows.", name, where
        )


def _doubt(what: str, name: str, where: str, hint: str = "") -> None:
    fix = "Check that both parts have the same columns and units, and are from the same source."
    doubt(what, f"{where}: column {name!r}", f"{hint}{fix}")
