"""`glassnet predict RUN TABLE|FOLDER`: predict for rows of a table, or files, with a model."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.files import write_whole
from glassnet.data.cache import BrokenFilesError
from glassnet.data.columns.files import FILES, NOUNS
from glassnet.data.preprocessing import Input
from glassnet.data.sources.folder_tree import files_below
from glassnet.data.sources.raw_rows import STDIN, read_rows
from glassnet.data.sources.tables import TABLES, Table
from glassnet.data.sources.text_files import TEXTS, utf8_of
from glassnet.evaluate.rows import RowPredictions, predict_table
from glassnet.model.model import Model
from glassnet.model.raw_rows import columns_of_texts
from glassnet.model.readers import rows_of
from glassnet.runs.new_data import encoding_of
from glassnet.runs.predict import OnError, raised

if TYPE_CHECKING:
    import polars as pl


def takes_rows(model: Model, subjects: Sequence[str]) -> bool:
    """Return whether a model reads these subjects as rows of a table.

    Single pictures, of which it predicts the class, are read as photos. A model of texts reads
    files, folders and tables of them.
    """
    if "tokenizer" in model.about:
        return any(map(_is_path, subjects))
    if model.about.get("rows") is None:
        return False
    if model.about.get("preprocessing") is None or not model.class_names:
        return True
    return any(os.path.isdir(subject) or _is_table(subject) for subject in subjects)


def predict_rows(
    model: Model, folder: str, subjects: Sequence[str], on_error: OnError = raised
) -> RowPredictions:
    """Return the predictions for the rows that `table_for` reads.

    `on_error` is called for each file that can't be read, and the others are predicted. Raises
    GlassnetError if there are none.
    """
    if (column := _only_files(model, folder, subjects)) is not None:
        return _predict_files(model, folder, _paths(subjects, _noun(column)), column, on_error)
    return predict_table(model, table_for(model, folder, subjects, on_error), folder)


def _only_files(model: Model, folder: str, subjects: Sequence[str]) -> Input | None:
    """Return the input of a model that reads only pictures or clips, if the subjects are files."""
    if "tokenizer" in model.about or any(map(_is_table, subjects)):
        return None
    files = [part for part in rows_of(model, folder).inputs if part.kind in FILES]
    return files[0] if len(files) == 1 else None


def table_for(
    model: Model, folder: str, subjects: Sequence[str], on_error: OnError = raised
) -> Table:
    """Return the rows of a file, or of stdin, as a model reads them: CSV, or JSON lines.

    If the model reads only pictures, only audio clips or only texts, they can also be files and
    folders; `on_error` is called for each text file that can't be read.
    """
    encoding = encoding_of(folder)
    if "tokenizer" in model.about and not any(map(_is_table, subjects)):
        return _table_of_texts(model, subjects, encoding, on_error)
    if (column := _only_files(model, folder, subjects)) is not None:
        return _table(_paths(subjects, _noun(column)), column.name)
    if len(subjects) > 1:
        raise GlassnetError("takes one table at a time.", where="glassnet predict")
    return read_rows(subjects[0], encoding)


def _is_table(subject: str) -> bool:
    return subject == STDIN or subject.lower().endswith(TABLES)


def _predict_files(
    model: Model, folder: str, paths: Sequence[str], column: Input, on_error: OnError
) -> RowPredictions:
    """Return the predictions for the files that can be read."""
    on_error = raised if len(paths) == 1 else on_error
    there = [path for path in paths if os.path.isfile(path) or _report_missing(path, on_error)]
    _require_some(there, paths)
    try:
        return predict_table(model, _table(there, column.name), folder)
    except BrokenFilesError as error:
        for broken in error.errors.values():
            on_error(broken)
        readable = [path for path in there if path not in error.errors]
    _require_some(readable, paths)
    return _predict_files(model, folder, readable, column, on_error)


def _table(paths: Sequence[str], name: str) -> Table:
    import polars as pl

    return Table(pl.DataFrame({name: paths}), np.array(paths), "", "file")


def _report_missing(path: str, on_error: OnError) -> bool:
    on_error(GlassnetError("does not exist, or is not a file.", where=path, fix="Check the path."))
    return False


def _require_some(readable: Sequence[str], paths: Sequence[str]) -> None:
    if not readable:
        what = f"none of {len(paths):,} files can be read."
        raise GlassnetError(what, where="glassnet predict")


def _table_of_texts(
    model: Model, subjects: Sequence[str], encoding: str | None, on_error: OnError
) -> Table:
    """Return a row for each text file that can be read, and for each one in a folder."""
    import polars as pl

    texts, column, paths = {}, columns_of_texts(model)[0], _paths(subjects, "texts")
    on_error = raised if len(paths) == 1 else on_error
    for path in paths:
        try:
            texts[path] = utf8_of(path, encoding).decode()
        except GlassnetError as error:
            on_error(error)
    _require_some([*texts], paths)
    frame = pl.DataFrame({"file": [*texts], column: [*texts.values()]})
    return Table(frame, np.array([*texts]), "", "file")


def _noun(column: Input) -> str:
    return f"{NOUNS[column.kind]}s"


def _paths(subjects: Sequence[str], noun: str) -> list[str]:
    """Return the paths of files, and of those of this kind in folders."""
    paths = []
    for subject in subjects:
        inside = files_below(subject, noun) if os.path.isdir(subject) else [subject]
        if not inside:
            raise GlassnetError(f"contains no {noun}.", where=subject)
        paths += inside
    return paths


def _is_path(subject: str) -> bool:
    """Return whether it is stdin, a file or a folder, or a word that is named like a file."""
    if subject == STDIN or (len(subject) < 256 and os.path.exists(subject)):
        return True
    return subject.lower().endswith((*TABLES, *TEXTS)) and len(subject.split()) == 1


def write_predictions(
    predictions: RowPredictions, path: str, errors: Sequence[GlassnetError] = ()
) -> None:
    """Write the rows with their predictions as further columns: CSV, TSV, JSON lines or Parquet.

    Files that can't be read follow, with the reason in a column `error` and no prediction.
    """
    import polars as pl

    table = predictions.table.frame
    taken = [name for name in predictions.frame.columns if name in table.columns]
    frame = table.drop(taken).hstack(predictions.frame)
    if errors:
        unread = {table.columns[0]: [e.where for e in errors], "error": [e.what for e in errors]}
        frame = pl.concat([frame, pl.DataFrame(unread)], how="diagonal")
    write_frame(frame, path)


def write_frame(frame: "pl.DataFrame", path: str) -> None:
    """Write a table: CSV, TSV, JSON lines or Parquet."""
    kind = Path(path).suffix.lower()
    if kind == ".parquet":
        import io

        frame.write_parquet(buffer := io.BytesIO())
        data = buffer.getvalue()
    elif kind in (".jsonl", ".ndjson"):
        data = frame.write_ndjson().encode()
    elif kind in (".csv", ".tsv", ".tab"):
        data = frame.write_csv(separator="," if kind == ".csv" else "\t").encode()
    else:
        fix = f"Name it {Path(path).stem or 'predictions'}.csv."
        raise GlassnetError("is not the name of a table.", where=f"--out {path}", fix=fix)
    write_whole(path, data)
