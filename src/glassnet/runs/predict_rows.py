"""`glassnet predict RUN TABLE|FOLDER`: predict for rows of a table, or files, with a model."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.files import write_whole
from glassnet.data.columns.files import FILES, NOUNS
from glassnet.data.preprocessing import Input
from glassnet.data.sources.folders import files_below
from glassnet.data.sources.raw_rows import STDIN, read_rows
from glassnet.data.sources.tables import TABLES, Table
from glassnet.data.sources.text_files import TEXTS, utf8_of
from glassnet.evaluate.rows import RowPredictions, predict_table
from glassnet.model.model import Model
from glassnet.model.raw_rows import columns_of_texts
from glassnet.model.readers import rows_of
from glassnet.runs.new_data import encoding_of

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


def predict_rows(model: Model, folder: str, subjects: Sequence[str]) -> RowPredictions:
    """Return the predictions for the rows that `table_for` reads."""
    return predict_table(model, table_for(model, folder, subjects), folder)


def table_for(model: Model, folder: str, subjects: Sequence[str]) -> Table:
    """Return the rows of a file, or of stdin, as a model reads them: CSV, or JSON lines.

    If the model reads only pictures, only audio clips or only texts, they can also be files and
    folders.
    """
    encoding = encoding_of(folder)
    if "tokenizer" in model.about and not any(map(_is_table, subjects)):
        return _table_of_texts(model, subjects, encoding)
    files = [] if "tokenizer" in model.about else rows_of(model, folder).inputs
    files = [part for part in files if part.kind in FILES]
    if len(files) == 1 and not any(map(_is_table, subjects)):
        return _table_of_files(subjects, *files)
    if len(subjects) > 1:
        raise GlassnetError("takes one table at a time.", where="glassnet predict")
    return read_rows(subjects[0], encoding)


def _is_table(subject: str) -> bool:
    return subject == STDIN or subject.lower().endswith(TABLES)


def _table_of_files(subjects: Sequence[str], column: Input) -> Table:
    """Return a row for each file, and for each file in a folder."""
    import polars as pl

    paths = _paths(subjects, f"{NOUNS[column.kind]}s")
    return Table(pl.DataFrame({column.name: paths}), np.array(paths), "", "file")


def _table_of_texts(model: Model, subjects: Sequence[str], encoding: str | None) -> Table:
    """Return a row for each text file, and for each one in a folder."""
    import polars as pl

    paths, column = _paths(subjects, "texts"), columns_of_texts(model)[0]
    texts = [utf8_of(path, encoding).decode() for path in paths]
    frame = pl.DataFrame({"file": paths, column: texts})
    return Table(frame, np.array(paths), "", "file")


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


def write_predictions(predictions: RowPredictions, path: str) -> None:
    """Write the rows with their predictions as further columns: CSV, TSV, JSON lines or Parquet."""
    table = predictions.table.frame
    taken = [name for name in predictions.frame.columns if name in table.columns]
    write_frame(table.drop(taken).hstack(predictions.frame), path)


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
