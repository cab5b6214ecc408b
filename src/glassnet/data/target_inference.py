"""Which task the values of target columns are: classes, labels, numbers or counts."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from glassnet.core.errors import GlassnetError, unknown
from glassnet.data.columns import number
from glassnet.data.columns.base import cells
from glassnet.data.sources.tables import Table
from glassnet.data.targets import (
    FALSE,
    SEPARATORS,
    TASKS,
    TRUE,
    Classes,
    Counts,
    Labels,
    Numbers,
    Target,
    split_labels,
)

if TYPE_CHECKING:
    import polars as pl

_OTHER_NAMES = {
    "regression": "numbers", "classification": "classes", "binary": "classes",
    "multiclass": "classes", "multilabel": "labels", "poisson": "counts",
}  # fmt: skip
_NEARLY, _MANY = 0.95, 20  # share of numbers from which other cells are mistakes; so many numbers
_FEW, _ROWS = 10, 5  # whole numbers are classes if so few are different, in so many rows each


def target_of(table: Table, columns: Sequence[str], task: str | None = None) -> Target:
    """Return the target in these columns of training rows: the task, or what their values are.

    Raises GlassnetError if they can't be the task.
    """
    if task is not None and task not in TASKS:
        error = unknown("task", task, (*TASKS, "items"), where="--task")
        hint = f"It is called {_OTHER_NAMES[task]}. " if task in _OTHER_NAMES else ""
        raise GlassnetError(error.what, where="--task", fix=f"{hint}{error.fix}")
    columns = tuple(columns)
    if task is None:
        task, reason = _task_of(table, columns)
    else:
        reason = "chosen"
    if task == "classes":
        return _classes(table, columns, reason)
    if task == "labels":
        return _labels(table, columns, reason)
    forms = tuple(_form(table, name) for name in columns)
    kind = Numbers if task == "numbers" else Counts
    return kind(columns, reason, forms)


def _task_of(table: Table, columns: tuple[str, ...]) -> tuple[str, str]:
    """Return (task, why) from the values of the columns."""
    values = {name: cells(table.frame[name]).drop_nulls().unique() for name in columns}
    if len(columns) == 1:
        return _task_of_one(table, *columns, *values.values())
    if all(_are_truths(different) for different in values.values()):
        return "labels", f"{len(columns)} columns of yes or no"
    for name, different in values.items():
        if not number.forms_of(different):
            raise GlassnetError(
                f"there are {len(columns)} columns, but {name!r} holds neither numbers nor yes and "
                "no.",
                where=f"--target {', '.join(columns)}",
                fix="Predict one column of classes: --target NAME.",
            )
    return "numbers", f"{len(columns)} columns of numbers"


def _task_of_one(table: Table, name: str, different: "pl.Series") -> tuple[str, str]:
    counts = f"{len(different):,} different"
    for separator in SEPARATORS:
        parts = different.str.split(separator).explode().unique()
        if different.str.contains(separator, literal=True).any() and len(parts) <= len(different):
            return "labels", f"labels with {separator!r} between them"
    if not (forms := number.forms_of(different)):
        _require_no_numbers(table, name, different)
        return "classes", f"{counts} values"
    numbers = number.numbers_of(different, forms[0])
    if not (numbers == numbers.round()).all():
        return "numbers", "numbers with decimals"
    whole = f"{counts} whole numbers"
    if len(different) > _FEW or _ROWS * len(different) > len(table):
        return "numbers", whole
    return "classes", whole + ("" if len(different) < 3 else "; --task numbers predicts how many")


def _require_no_numbers(table: Table, name: str, different: "pl.Series") -> None:
    """Raise for a cell that is not a number in a column where nearly all others are."""
    if (form := number.nearly(different, _NEARLY, _MANY)) is None:
        return
    texts = cells(table.frame[name])
    row = int((texts.is_not_null() & ~number.is_in(texts, form)).arg_max() or 0)
    raise GlassnetError(
        f"{name} is {texts[row]!r:.60}, but nearly all of its values are numbers.",
        where=table.place(row),
        fix="Correct it, or leave the cell empty: rows without a target are left out. If these are "
        "names of classes: --task classes.",
    )


def _classes(table: Table, columns: tuple[str, ...], reason: str) -> Classes:
    if len(columns) > 1:
        what, fix = (
            "one column holds the classes.",
            "With several columns of 0 and 1: --task labels.",
        )
        raise GlassnetError(what, where=f"--target {', '.join(columns)}", fix=fix)
    names = cells(table.frame[columns[0]]).drop_nulls().unique().to_list()
    return Classes(columns, reason, class_names_of(names, len(table), columns[0], table.source))


def class_names_of(names: Collection[str], rows: int, column: str, source: str) -> tuple[str, ...]:
    """Return the different labels of a column, ordered; raises if they are too many for classes."""
    if len(names) > max(2, rows // 2):
        raise GlassnetError(
            f"the column {column!r} has {len(names)} different labels in {rows} rows.",
            where=source,
            fix="If this is not the column to predict, name that: --target NAME.",
        )
    return ordered(names)


def ordered(names: Iterable[str]) -> tuple[str, ...]:
    """Return class names sorted as numbers if all are, otherwise alphabetically."""
    names = list(names)
    numeric = all(re.fullmatch(r"-?\d{1,18}", name) for name in names)
    return tuple(sorted(names, key=int if numeric else str))


def _labels(table: Table, columns: tuple[str, ...], reason: str) -> Labels:
    if len(columns) > 1:
        return Labels(columns, reason, columns)
    texts = [text for text in table.frame[columns[0]].cast(str).to_list() if text]
    separator = max(SEPARATORS, key=lambda mark: sum(text.count(mark) for text in texts))
    labels = {label for text in texts for label in split_labels(text, separator)}
    if len(labels) < 2 or not any(separator in text for text in texts):
        raise GlassnetError(
            f"the column {columns[0]!r} has no labels with ; or | between them.",
            where=table.source,
            fix="Write the labels of a row as a;b, or give several columns of 0 and 1: --target A "
            "--target B.",
        )
    return Labels(columns, reason, ordered(labels), separator)


def _are_truths(different: "pl.Series") -> bool:
    return bool(different.str.to_lowercase().is_in([*TRUE, *FALSE, "1.0", "0.0"]).all())


def _form(table: Table, name: str) -> str:
    """Return the form of a column's numbers; with other cells, which `numbers_of` names, any."""
    different = cells(table.frame[name]).drop_nulls().unique()
    return next(iter(number.forms_of(different)), number.PLAIN)
