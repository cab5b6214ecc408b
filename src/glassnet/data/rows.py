"""`Rows`: a table as a data set, its columns made features by a `Preprocessing`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from glassnet.core.arrays import as_tuple
from glassnet.core.errors import GlassnetError
from glassnet.data import parts
from glassnet.data.checks.order import check_groups, check_time
from glassnet.data.checks.parts import check_parts
from glassnet.data.checks.splits import check_names
from glassnet.data.checks.targets import check_numbers_of_target, require_variety
from glassnet.data.columns.base import Column, cells
from glassnet.data.columns.files import FILES
from glassnet.data.columns.files import typed as typed_cells
from glassnet.data.columns.inference import Inferred, require_column
from glassnet.data.content_hash import hash_of
from glassnet.data.dataset import Dataset
from glassnet.data.missing import rows_with_target
from glassnet.data.preprocessing import Preprocessing
from glassnet.data.roles import Choices, Roles
from glassnet.data.sources.tables import Table
from glassnet.data.target_inference import target_of
from glassnet.data.targets import Target

if TYPE_CHECKING:
    import polars as pl


_KINDS = {"features": "table", "image": "images", "audio": "audio", "text": "texts"}


@dataclass(frozen=True, eq=False)
class Part:
    """The typed rows of one part of a table, and what is to be predicted."""

    typed: "pl.DataFrame"
    values: np.ndarray  # of the target, (N,) or (N, K)
    numbers: np.ndarray  # of the rows in their file

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, rows: Any) -> "Part":
        rows = np.arange(len(self.numbers))[rows]
        return Part(self.typed[rows], self.values[rows], self.numbers[rows])


@dataclass(frozen=True)
class ColumnCard:
    """What people are shown of a column."""

    name: str
    type: str
    reason: str
    missing: int  # rows without a value
    shape: tuple[int, ...]  # of what it makes of one row; () if it is not read


@dataclass(frozen=True, eq=False, repr=False)
class Rows(Dataset):
    """A table; x are the arrays that the `preprocessing` makes of its columns: one, or a tuple.

    y is int64 (N,) for classes, else float32 (N, K). The hash covers the cells that are read, with
    their types, and the targets; it does not depend on the preprocessing.
    """

    columns: tuple[Inferred, ...]
    train: Part
    test: Part
    preprocessing: Preprocessing
    unit: str  # what the numbers of rows count: "line" or "row"
    by_time: bool  # True if the training rows are in the order of time

    @property
    def kind(self) -> str:
        kinds = [_KINDS[part.kind] for part in self.preprocessing.inputs]
        return kinds[0] if len(kinds) == 1 else "mixed"

    @property
    def has_texts(self) -> bool:
        """True if texts are read, alone or beside other columns."""
        return any(part.kind == "text" for part in self.preprocessing.inputs)

    @property
    def vocabulary(self) -> int | None:
        inputs = self.preprocessing.inputs
        return inputs[0].vocabulary if len(inputs) == 1 else None

    @property
    def card(self) -> tuple[ColumnCard, ...]:
        """The columns with their types, and why they have them."""
        frames = self.train.typed, self.test.typed
        read = {column.name: column for column in self.preprocessing.read}
        return tuple(
            ColumnCard(
                c.name, c.type, read.get(c.name, c).reason,
                sum(frame[c.name].null_count() for frame in frames) if c.name in read else 0,
                read[c.name].shape if c.name in read else (),
            )
            for c in self.columns
        )  # fmt: skip

    @property
    def target(self) -> Target:
        """What is predicted."""
        return self.preprocessing.target

    @property
    def task(self) -> str:
        return self.target.kind

    @property
    def outputs(self) -> int:
        return len(self.class_names or self.target.columns)

    @property
    def in_order(self) -> bool:
        return self.by_time

    def numbering(self, part: str) -> tuple[str, np.ndarray]:
        return self.unit, (self.train if part == "train" else self.test).numbers

    @property
    def files(self) -> list[str]:
        """The files that the cells of its rows name."""
        names = [part.name for part in self.preprocessing.inputs if part.kind in FILES]
        parts = self.train.typed, self.test.typed
        return [path for name in names for part in parts for path in part[name].drop_nulls()]

    @property
    def files_test(self) -> Sequence[str]:
        if self.unit == "file":
            return list(self.test.numbers)
        return self.preprocessing.files(self.test.typed)

    @property
    def strata(self) -> np.ndarray:
        return self.y_train if self.task == "classes" else np.zeros(len(self.y_train), np.int64)

    def _rows(self, train: Any, test: Any) -> dict[str, Any]:
        parts = {"train": self.train[train], "test": self.train[test]}
        return super()._rows(train, test) | parts

    def fitted(
        self,
        rows: np.ndarray,
        columns: tuple[Column, ...] | None = None,
        reading: Mapping[str, Any] = MappingProxyType({}),
    ) -> Self:
        """Return the data set with its preprocessing fitted to these of the training rows.

        `columns` are those of another preprocessing, of which then only the target is fitted;
        `reading` are the options of the tokenizer for texts.
        """
        part = self.train[rows]
        if columns is not None:
            preprocessing = Preprocessing(columns, self.target.fitted(part.values))
        else:
            preprocessing = Preprocessing.fitted(
                self.columns, self.target, part.typed, part.values, reading
            )
        data = self.preprocessed(preprocessing)
        if not data.preprocessing.of_features:
            return data
        features = as_tuple(data.x_train)[0]
        return replace(data, preprocessing=data.preprocessing.with_means(features, rows))

    def preprocessed(self, preprocessing: Preprocessing) -> Self:
        """Return the data set with the features of another preprocessing.

        Raises GlassnetError if it reads columns that the data set does not have.
        """
        for column in preprocessing.read:
            if column.name not in self.train.typed.columns:
                raise GlassnetError(
                    f"has no column {column.name!r} of type {column.kind}, which the model reads.",
                    where=self.source,
                    fix=f"If it is there with another type: --column {column.name}={column.kind}.",
                )
        arrays: dict[str, Any] = {
            f"{letter}_{name}": array
            for name, part in (("train", self.train), ("test", self.test))
            for letter, array in (
                ("x", preprocessing.x(part.typed)),
                ("y", preprocessing.target.encoded(part.values)),
            )
        }
        return replace(self, preprocessing=preprocessing, **arrays)


def rows_of(table: Table, roles: Roles, choices: Choices, test: Table | None = None) -> Rows:
    """Return the data set of a table, with its preprocessing fitted to all training rows.

    The rows for testing are `test`, or those that the split column selects, or the latest, or whole
    groups, or a fifth of the rows: of each class, if classes are predicted. Rows without a target
    are left out. Raises GlassnetError that names the row.
    """
    import polars as pl

    read = [column for column in roles.columns if column.values is not None]
    typed = pl.DataFrame([c.values.alias(c.name) for c in read if c.values is not None])
    others = (*roles.target, choices.group, choices.time, roles.split)
    by_chance = test is None and not {choices.group, choices.time, roles.split} - {None}
    if by_chance:
        check_groups(table, others)
    table = replace(
        table, frame=table.frame.select([name for name in table.columns if name in others])
    )
    target = target_of(table, roles.target, choices.task)
    if table.unit == "file":
        target = replace(target, reason="the names of the folders")
    table, typed = _with_target(table, typed, target)
    check_numbers_of_target(table, target)
    groups = None if choices.group is None else _groups_of(table, choices.group)
    if by_chance:
        check_time(table.source, typed, target, target.values(table))
    strata = target.values(table) if target.kind == "classes" else np.zeros(len(table), int)
    train_rows, test_rows, validation_rows = _split(table, strata, roles, choices, groups, test)
    if test is None:
        held_out, held_out_typed = table.rows(test_rows), typed[test_rows]
    else:
        for name in roles.target:
            require_column(test, name, test.source)
        check_names(roles.names, test)
        held_out, held_out_typed = _with_target(test, _typed(test, read), target)
    if not np.array_equal(train_rows, np.arange(len(table))):
        table, typed = table.rows(train_rows), typed[train_rows]
        groups = None if groups is None else groups[train_rows]
        target = replace(target_of(table, roles.target, target.kind), reason=target.reason)
    train, held = (
        Part(frame, target.values(rows), rows.numbers)
        for rows, frame in ((table, typed), (held_out, held_out_typed))
    )
    source = table.source if test is None else f"{table.source} and {test.source}"
    require_variety(target, train.values, source)
    columns = tuple(replace(column, values=None) for column in roles.columns)
    preprocessing = Preprocessing.fitted(columns, target, typed, train.values)
    files = {column.name: column.type for column in read if column.type in FILES}
    selected_by = None if by_chance else (test or table).source
    check_parts(table, target, train, held, selected_by, files)
    sha256 = hash_of(target, [(part.values, part.typed) for part in (train, held)], [*files])
    none = np.zeros((0, 0), np.float32)
    rows = Rows(
        table.name, none, none, none, none, target.class_names, source,
        sha256, groups=groups, columns=columns, train=train, test=held,
        preprocessing=preprocessing, unit=table.unit, by_time=choices.time is not None,
        validation_rows=validation_rows,
    )  # fmt: skip
    return rows.preprocessed(preprocessing)


def _with_target(
    table: Table, typed: "pl.DataFrame", target: Target
) -> tuple[Table, "pl.DataFrame"]:
    """Return the rows that have a target; doubts the others."""
    present = rows_with_target(table, target)
    return (table, typed) if present.all() else (table.rows(present), typed.filter(present))


def _typed(table: Table, columns: Sequence[Inferred]) -> "pl.DataFrame":
    """Return the rows of a test file with the types of the columns; raises for other cells."""
    import polars as pl

    typed = []
    for column in columns:
        require_column(table, column.name, table.source)
        raw = table.frame[column.name]
        values = typed_cells(table, column, column.type)
        wrong = values.is_null() & cells(raw).is_not_null()
        if wrong.any():
            row = int(wrong.arg_max() or 0)
            raise GlassnetError(
                f"{column.name} is {raw[row]!r:.60}, not a {column.type} as in the training rows.",
                where=table.place(row),
                fix="Correct it, or leave the cell empty if the value is missing.",
            )
        typed.append(values.alias(column.name))
    return pl.DataFrame(typed)


def _groups_of(table: Table, column: str) -> np.ndarray:
    """Return the number of each row's group, (N,)."""
    names = cells(table.frame[column])
    if names.has_nulls():
        row = int(names.is_null().arg_max() or 0)
        raise GlassnetError(
            f"the group {column!r} is missing.", where=table.place(row), fix="Fill it in."
        )
    groups: np.ndarray = names.rank("dense").to_numpy().astype(np.int64) - 1
    if groups.max() < 1:
        raise GlassnetError("has only one group, which can't be split.", where=f"--group {column}")
    return groups


def _split(
    table: Table, strata: np.ndarray, roles: Roles, choices: Choices, groups: np.ndarray | None,
    test: Table | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:  # fmt: skip
    """Return (training rows, test rows, the places of validation rows among the training rows)."""
    none = np.arange(0)
    if choices.time is not None:
        if groups is not None or roles.split is not None:
            other = "--group" if groups is not None else f"the column {roles.split!r}"
            raise GlassnetError(f"splits the rows, and so does {other}.", where="--time")
        if test is None:
            return *parts.by_time(table, choices.time), None
        return np.argsort(parts.times_of(table, choices.time), kind="stable"), none, None
    if roles.split is not None:
        return parts.by_column(table, roles.split, strata, test, groups)
    if test is not None:
        return np.arange(len(table)), none, None
    rows = parts.by_chance(strata) if groups is None else parts.by_group(strata, groups)
    return *rows, None
