"""Raw rows with what is to be predicted, as a model reads them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, as_array, checked_weights, take
from glassnet.core.errors import GlassnetError
from glassnet.data.columns.files import FILES
from glassnet.data.images.photo import read_photo
from glassnet.data.missing import rows_with_target
from glassnet.data.sources.folders import FILE, LABEL, TEXT, read_labeled_folder
from glassnet.data.sources.frames import is_frame, table_of
from glassnet.data.sources.raw_rows import read_rows
from glassnet.data.sources.tables import Table
from glassnet.data.targets import Classes, Target
from glassnet.evaluate.probabilities import names_of
from glassnet.evaluate.recommendations import recommends
from glassnet.model.model import Model
from glassnet.model.raw_rows import columns_of_texts, raw_inputs
from glassnet.model.readers import preprocessing_of, rows_of
from glassnet.training.checks.targets import to_categorical


@dataclass(frozen=True, eq=False)
class LabeledRows:
    """Rows that have a target, as a model reads them."""

    model: Model
    table: Table
    places: Array  # of the rows, among all that were read
    left_out: int  # of those: rows without a target
    target: Target
    x: Any  # an array, or a tuple of arrays
    values: Array  # of the target, (N,) or (N, K)
    texts: Sequence[str] = field(default=(), kw_only=True)  # of which x are the tokens
    files: Sequence[str] = field(default=(), kw_only=True)  # if each row is one

    def __len__(self) -> int:
        return len(self.table)

    @cached_property
    def y(self) -> Array:
        """The targets as the model's loss takes them."""
        if self.target.kind != "classes":
            return self.target.encoded(self.values)
        loss = self.model.loss
        if loss is None or loss.labels:
            return self.values
        return to_categorical(self.values, len(self.target.class_names))

    def name(self, row: int) -> str:
        """Return what people call a row: its file, or "line 7"."""
        return self.files[row] if self.files else self.table.row_name(row)


def labeled_rows(model: Model, table: Table, where: str) -> LabeledRows:
    """Return the rows of a table that have a target, through the model's own preprocessing.

    Rows without a target are left out, with a warning; `where` is the model. Raises GlassnetError
    that names the table and what it lacks: the target's column, or one that the model reads; and
    the row of a target that is not of the model's kind, such as another class.
    """
    target, columns = _target_of(model, where), _columns_of(model, where)
    if not len(table):
        raise GlassnetError("has no rows.", where=table.source)
    _require(table, target.columns, "which is to be predicted", "Add it, or predict.")
    _require(table, columns, "which the model reads", "Add it; all its cells may be empty.")
    places = np.flatnonzero(rows_with_target(table, target))
    left_out = len(table) - len(places)
    table = table.rows(places)
    rows = model, table, places, left_out, target
    if "tokenizer" in model.about:
        x = raw_inputs(model, table, where)
        texts = table.frame[columns[0]].cast(str).to_list()
        files = table.numbers.tolist() if table.unit == "file" else ()
        return LabeledRows(*rows, x, target.values(table), texts=texts, files=files)
    if "rows" in model.about:
        read = rows_of(model, where)
        values, typed = target.values(table), read.typed(table)
        files = table.numbers.tolist() if table.unit == "file" else read.files(typed)
        return LabeledRows(*rows, read.x(typed), values, files=files)
    form, paths = preprocessing_of(model, where), table.frame[columns[0]].cast(str)
    files = [os.path.join(table.folder, path) for path in paths.fill_null("")]
    x = np.stack([read_photo(path, form).pixels for path in files])
    return LabeledRows(*rows, x, target.values(table), files=files)


def read_labeled_rows(
    model: Model, source: Any, where: str, encoding: str | None = None
) -> LabeledRows:
    """Return the rows of a table in a file, of a folder with a folder of files for each class, or
    of stdin ("-"), as `labeled_rows`; a folder's files and classes have the model's own columns.
    """
    target, columns = _target_of(model, where), _columns_of(model, where)
    if not os.path.isdir(source):
        return labeled_rows(model, read_rows(str(source), encoding), where)
    kinds = [part.kind for part in rows_of(model, where).inputs] if "rows" in model.about else []
    texts = "tokenizer" in model.about or kinds == ["text"]
    if len(columns) > 1 or target.kind != "classes" or (kinds and not (texts or kinds[0] in FILES)):
        raise GlassnetError(
            f"is a folder, but the model predicts {', '.join(target.columns):.80} from the columns "
            f"{', '.join(columns):.200}.",
            where=str(source),
            fix="Give a table with these columns.",
        )
    table = read_labeled_folder(str(source), encoding)
    own = {TEXT if texts else FILE: columns[0], LABEL: target.columns[0]}
    if next(iter(own)) not in table.columns:
        noun = "texts" if texts else "files of pictures or sounds"
        raise GlassnetError(f"has no {noun}, which the model reads.", where=str(source))
    frame = table.frame.select(*own).rename(own)
    return labeled_rows(model, Table(frame, table.numbers, table.source, table.unit), where)


def examples_of(model: Model, x: Any, y: Any, sample_weight: Any) -> tuple[Any, Any, Any]:
    """Return x, y and the sample weights of raw rows as `Model.evaluate` takes them.

    x is a DataFrame of pandas or polars, a table of pyarrow, or a path. It has the columns of the
    target, or y has: as another DataFrame, or as values, one column for each target.
    """
    if is_frame(x):
        table = table_of(x, "x")
        if y is not None:
            _require_one_order(x, y)
            table = _with(_target_of(model, "the model"), table, y)
        rows = labeled_rows(model, table, "the model")
    elif y is not None:
        raise GlassnetError("is the path of rows with their targets.", where="x", fix="Omit y.")
    else:
        rows = read_labeled_rows(model, x, "the model")
    if sample_weight is not None:
        count = len(rows) + rows.left_out
        weights = checked_weights(sample_weight, count, (1,), "float64")
        sample_weight = take(weights, rows.places)
    return rows.x, rows.y, sample_weight


def _target_of(model: Model, where: str) -> Target:
    """Return what a model predicts of rows. Raises GlassnetError if it does not read any."""
    if recommends(model):
        raise GlassnetError(
            "recommends items: that new events follow from earlier ones is tested in training.",
            where=where,
            fix="glassnet train EVENTS --network recommender --test-file NEW.",
        )
    if "rows" in model.about:
        return rows_of(model, where).target
    if len(model.output_shape) != 1 or not {"tokenizer", "preprocessing"} & {*model.about}:
        raise GlassnetError(
            "was not trained on rows with a target, so a file of them can't be evaluated.",
            where=where,
            fix="In Python: Model.evaluate(x, y) takes arrays as it was trained on.",
        )
    label = columns_of_texts(model)[1] if "tokenizer" in model.about else LABEL
    return Classes((label,), "", names_of(model))


def _columns_of(model: Model, where: str) -> tuple[str, ...]:
    """Return the names of the columns that a model reads."""
    if "tokenizer" in model.about:
        return columns_of_texts(model)[:1]
    if "rows" in model.about:
        return tuple(column.name for column in rows_of(model, where).read)
    return (FILE,)


def _require(table: Table, names: Sequence[str], what: str, fix: str) -> None:
    """Raise unless the table has these columns."""
    if missing := [name for name in names if name not in table.columns]:
        raise GlassnetError(
            f"has no column {', '.join(map(repr, missing)):.200}, {what}; it has "
            f"{', '.join(table.columns):.200}.",
            where=table.source,
            fix=fix,
        )


def _require_one_order(x: Any, y: Any) -> None:
    """Raise if the indices of two objects of pandas say that y has the rows of x in another order.

    Rows are matched by position; other indices are left alone.
    """
    of_x: Any = getattr(x, "index", None)
    of_y: Any = getattr(y, "index", None)
    if not all(hasattr(index, "isin") for index in (of_x, of_y)) or of_x.equals(of_y):
        return
    if len(of_x) == len(of_y) and of_x.isin(of_y).all() and of_y.isin(of_x).all():
        what = "has the rows of x in another order, by the index."
        raise GlassnetError(what, where="y", fix="Pass y.loc[x.index].")


def _with(target: Target, table: Table, y: Any) -> Table:
    """Return a table with the columns of the target from y."""
    import polars as pl

    if is_frame(y):
        columns = table_of(y, "y").frame
        _require(
            Table.numbered(columns, "y"), target.columns, "which is to be predicted", "Add it."
        )
        columns = columns.select(target.columns)
    else:
        values = as_array(y, "y")
        values = values.reshape(len(values), -1) if values.ndim else values
        if values.shape != (len(table), len(target.columns)):
            raise GlassnetError(
                f"has shape {np.shape(y)}, but x has {len(table)} rows, and there are "
                f"{len(target.columns)} targets.",
                where="y",
                fix="Pass a value of each target for each row.",
            )
        columns = pl.DataFrame(
            [pl.Series(n, _cells(v)) for n, v in zip(target.columns, values.T, strict=True)]
        )
    if twice := {*columns.columns} & {*table.columns}:
        what = f"has the column {min(twice)!r}, and y does, too."
        raise GlassnetError(what, where="x", fix="Omit y, or drop the column.")
    if len(columns) != len(table):
        raise GlassnetError(f"has {len(columns)} rows, but x has {len(table)}.", where="y")
    return replace(table, frame=table.frame.hstack(columns))


def _cells(values: Array) -> list[Any]:
    """Return values as cells: as texts, if they are objects; None for missing ones."""
    if values.dtype.kind != "O":
        return values.tolist()
    return [None if cell is None or cell != cell else str(cell) for cell in values.tolist()]
