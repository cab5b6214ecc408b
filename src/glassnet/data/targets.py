"""What is predicted: one of the classes, any of the labels, numbers, or counts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import added, register
from glassnet.data.class_names import same_name_hint
from glassnet.data.columns import number
from glassnet.data.columns.base import cells
from glassnet.data.sources.tables import Table

TASKS = ("classes", "labels", "numbers", "counts")
SEPARATORS = (";", "|")  # between labels
TRUE, FALSE = ("1", "true", "yes", "y", "t"), ("0", "false", "no", "n", "f")


@dataclass(frozen=True)
class Target:
    """The columns that are predicted."""

    columns: tuple[str, ...]
    reason: str  # why they are of this kind

    kind: ClassVar[str] = ""  # one of TASKS

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the outputs."""
        return self.columns

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes or labels; none for numbers."""
        return ()

    @property
    def may_be_empty(self) -> bool:
        """True if an empty cell is a value: that a row has none of the labels."""
        return False

    def values(self, table: Table) -> np.ndarray:
        """Return the targets of rows that have one; raises for others that are not of this kind."""
        raise NotImplementedError

    def fitted(self, values: np.ndarray) -> Self:
        """Return the target, fitted to the values of the training rows."""
        return self

    def encoded(self, values: np.ndarray) -> np.ndarray:
        """Return what a network learns to output."""
        return values


NEVER_SEEN = (
    "If it is misspelled, correct it. If not, a network can't learn this class: add rows of it to "
    "the training part, or leave them out of the test part."
)


@register("target")
@dataclass(frozen=True)
class Classes(Target):
    """One of the classes: its number, int64 (N,)."""

    classes: tuple[str, ...]

    kind: ClassVar[str] = "classes"

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.classes

    def values(self, table: Table) -> np.ndarray:
        import polars as pl

        texts = cells(table.frame[self.columns[0]])
        numbers = {name: at for at, name in enumerate(self.classes)}
        places = texts.replace_strict(numbers, default=-1, return_dtype=pl.Int64).to_numpy()
        if (places < 0).any():
            row = int((places < 0).argmax())
            raise GlassnetError(
                f"{self.columns[0]} is {texts[row]!r:.60}, which no training row has.",
                where=table.place(row),
                fix=f"{same_name_hint(texts[row] or '', self.classes)}{NEVER_SEEN}",
            )
        return places


@dataclass(frozen=True, kw_only=True)
class _Averaged(Target):
    """What has a mean and a median over the training rows, one of each output; () before `fitted`.

    They are the constants with which predictions are compared.
    """

    mean: tuple[float, ...] = added(())
    median: tuple[float, ...] = added(())

    def fitted(self, values: np.ndarray) -> Self:
        return replace(self, **self._averages(values))

    def _averages(self, values: np.ndarray) -> dict[str, Any]:
        mean, median = values.mean(axis=0, dtype=np.float64), np.median(values, axis=0)
        return {"mean": (*mean.tolist(),), "median": (*median.tolist(),)}


@register("target")
@dataclass(frozen=True)
class Labels(_Averaged):
    """Any of the labels at once: 1 for each that a row has, float32 (N, C).

    There is one column of 0 and 1 for each, or one column of labels with a `separator`.
    """

    labels: tuple[str, ...]
    separator: str = ""

    kind: ClassVar[str] = "labels"

    @property
    def names(self) -> tuple[str, ...]:
        return self.labels

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.labels

    @property
    def may_be_empty(self) -> bool:
        return bool(self.separator)

    def values(self, table: Table) -> np.ndarray:
        if not self.separator:
            return np.stack([_truth(table, name) for name in self.columns], axis=1)
        numbers = {name: at for at, name in enumerate(self.labels)}
        values = np.zeros((len(table), len(self.labels)), np.float32)
        for row, text in enumerate(table.frame[self.columns[0]].to_list()):
            for label in split_labels(text, self.separator):
                if label not in numbers:
                    raise GlassnetError(
                        f"has the label {label!r:.60}, which no training row has.",
                        where=table.place(row),
                        fix=f"{same_name_hint(label, self.labels)}Correct it.",
                    )
                values[row, numbers[label]] = 1
        return values


@register("target")
@dataclass(frozen=True)
class Numbers(_Averaged):
    """Numbers, standardized: (y − mean) / scale of the training rows, float32 (N, K)."""

    forms: tuple[str, ...]  # how they are written: `columns.number.FORMS`
    scale: tuple[float, ...] = ()

    kind: ClassVar[str] = "numbers"

    def __post_init__(self) -> None:
        _require_forms(self)
        if len(self.mean) != len(self.scale) or len(self.mean) not in (0, len(self.columns)):
            what = f"has {len(self.mean)} and {len(self.scale)} of {len(self.columns)} numbers."
            raise GlassnetError(what, where="Numbers: mean, scale")

    def values(self, table: Table) -> np.ndarray:
        return numbers_of(table, self.columns, self.forms)

    def fitted(self, values: np.ndarray) -> Self:
        scale = np.where((spread := values.std(axis=0)) > 0, spread, 1.0)
        return replace(self, scale=(*scale.tolist(),), **self._averages(values))

    def encoded(self, values: np.ndarray) -> np.ndarray:
        return ((values - np.array(self.mean)) / np.array(self.scale)).astype(np.float32)

    def decoded(self, outputs: np.ndarray) -> np.ndarray:
        """Return outputs of a network in the unit of the target, float64."""
        return outputs.astype(np.float64) * np.array(self.scale) + np.array(self.mean)


@register("target")
@dataclass(frozen=True)
class Counts(_Averaged):
    """Whole numbers from 0, as they are, float32 (N, K): a network outputs their mean."""

    forms: tuple[str, ...]

    kind: ClassVar[str] = "counts"

    def __post_init__(self) -> None:
        _require_forms(self)

    def values(self, table: Table) -> np.ndarray:
        counts = numbers_of(table, self.columns, self.forms)
        if (wrong := (counts < 0) | (counts != np.round(counts))).any():
            row, column = np.argwhere(wrong)[0]
            raise GlassnetError(
                f"{self.columns[column]} is {counts[row, column]:g}, not a count.",
                where=table.place(row),
                fix="Counts are 0, 1, 2, ...: correct it, or predict numbers: --task numbers.",
            )
        return counts

    def encoded(self, values: np.ndarray) -> np.ndarray:
        return values.astype(np.float32)

    def decoded(self, outputs: np.ndarray) -> np.ndarray:
        """Return outputs of a network, float64."""
        return outputs.astype(np.float64)


def _require_forms(target: Numbers | Counts) -> None:
    where = type(target).__name__
    if not target.columns or len(target.forms) != len(target.columns):
        what = f"has {len(target.forms)} forms for {len(target.columns)} columns."
        raise GlassnetError(what, where=where)
    for form in target.forms:
        number.require_form(form, where)


def numbers_of(table: Table, columns: Sequence[str], forms: Sequence[str]) -> np.ndarray:
    """Return the numbers in columns, (N, K); raises for a cell that is not a number."""
    values = [number.numbers_of(table.frame[n], f) for n, f in zip(columns, forms, strict=True)]
    for name, column in zip(columns, values, strict=True):
        if column.has_nulls():
            row = int(column.is_null().arg_max() or 0)
            raise GlassnetError(
                f"{name} is {table.frame[name][row]!r:.60}, not a number.",
                where=table.place(row),
                fix="Correct it, or leave the cell empty.",
            )
    return np.stack([column.to_numpy() for column in values], axis=1)


def split_labels(text: str | None, separator: str) -> list[str]:
    """Return the labels in a cell."""
    return [part for label in (text or "").split(separator) if (part := label.strip())]


def _truth(table: Table, name: str) -> np.ndarray:
    """Return 1 for yes and 0 for no; raises for other cells."""
    texts = cells(table.frame[name]).str.to_lowercase().str.strip_suffix(".0")
    wrong = ~texts.is_in([*TRUE, *FALSE]).fill_null(False)
    if wrong.any():
        row = int(wrong.arg_max() or 0)
        raise GlassnetError(
            f"{name} is {table.frame[name][row]!r:.60}, neither 1 nor 0.",
            where=table.place(row),
            fix="A column of a label has 1 in rows that have it, and 0 in others.",
        )
    return texts.is_in([*TRUE]).to_numpy().astype(np.float32)
