"""`glassnet predict RUN TABLE|FOLDER`: predict for rows of a table, or files, with a model."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.files import write_whole
from glassnet.data.cache import BrokenFilesError
from glassnet.data.columns.files import FILES, NOUNS
from glassnet.data.preprocessing import Input
from glassnet.data.sources.folders import files_below
from glassnet.data.sources.tables import TABLES, Table, read_table, table_in
from glassnet.data.sources.text_files import TEXTS, to_utf8, utf8_of
from glassnet.evaluate.rows import RowPredictions, predict_table
from glassnet.evaluate.texts import columns_of_texts
from glassnet.model.model import Model
from glassnet.model.readers import rows_of
from glassnet.runs.predict import OnError, raised
from glassnet.runs.run import CONFIG_FILE, Run, is_run

if TYPE_CHECKING:
    import polars as pl

STDIN = "-"


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
    """Return the predictions for the rows of a file, or of stdin: CSV, or JSON lines.

    If the model reads only pictures, clips or texts, they can also be files and folders; `on_error`
    is called for each file that can't be read, and the others are predicted. Raises GlassnetError
    if there are none.
    """
    encoding = None
    if is_run(folder):
        (run := Run(folder)).warn_if_unfinished()
        encoding = (run.read(CONFIG_FILE).get("settings") or {}).get("encoding")
    if "tokenizer" in model.about and not any(map(_is_table, subjects)):
        return predict_table(model, _table_of_texts(model, subjects, encoding, on_error), folder)
    files = [] if "tokenizer" in model.about else rows_of(model, folder).inputs
    files = [part for part in files if part.kind in FILES]
    if len(files) == 1 and not any(map(_is_table, subjects)):
        return _predict_files(model, folder, _paths(subjects, _noun(files[0])), files[0], on_error)
    if len(subjects) > 1:
        raise GlassnetError("takes one table at a time.", where="glassnet predict")
    return predict_table(model, read_rows(subjects[0], encoding), folder)


def _is_table(subject: str) -> bool:
    return subject == STDIN or subject.lower().endswith(TABLES)


def table_of_files(subjects: Sequence[str], column: Input) -> Table:
    """Return a row for each file, and for each file in a folder."""
    return _table(_paths(subjects, _noun(column)), column.name)


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


def read_rows(path: str, encoding: str | None = None) -> Table:
    """Return the rows of a file, or of stdin: CSV, or JSON lines.

    What is not UTF-8 is decoded by the `encoding`.
    """
    if path == STDIN:
        data = to_utf8(sys.stdin.buffer.read(), "stdin", encoding)
        return table_in(data, "stdin", 1, data.lstrip().startswith(b"{"))
    if not path.lower().endswith(TABLES):
        raise GlassnetError(
            "is not a table, but the model was trained on one.",
            where=path,
            fix=f"Give a file that ends in {', '.join(TABLES)}, or - for CSV from stdin.",
        )
    return read_table(path, 1, encoding)


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
