"""`glassnet predict RUN TABLE|FOLDER`: predict for rows of a table, or files, with a model."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.files import write_whole
from glassnet.data.columns.files import FILES, NOUNS
from glassnet.data.preprocessing import Input
from glassnet.data.sources.folders import files_below
from glassnet.data.sources.tables import TABLES, Table, read_table, table_in
from glassnet.data.sources.text_files import to_utf8
from glassnet.evaluate.rows import RowPredictions, predict_table
from glassnet.model.model import Model
from glassnet.model.readers import rows_of
from glassnet.runs.run import Run, is_run

if TYPE_CHECKING:
    import polars as pl

STDIN = "-"


def takes_rows(model: Model, subjects: Sequence[str]) -> bool:
    """Return whether a model reads these subjects as rows of a table.

    Single pictures, of which it predicts the class, are read as photos.
    """
    if model.about.get("rows") is None:
        return False
    if model.about.get("preprocessing") is None or not model.class_names:
        return True
    return any(os.path.isdir(subject) or _is_table(subject) for subject in subjects)


def predict_rows(model: Model, folder: str, subjects: Sequence[str]) -> RowPredictions:
    """Return the predictions for the rows of a file, or of stdin: CSV, or JSON lines.

    If the model reads only pictures, or only audio clips, they can also be files and folders.
    """
    if is_run(folder):
        Run(folder).warn_if_unfinished()
    files = [part for part in rows_of(model, folder).inputs if part.kind in FILES]
    if len(files) == 1 and not any(map(_is_table, subjects)):
        return predict_table(model, table_of_files(subjects, *files), folder)
    if len(subjects) > 1:
        raise GlassnetError("takes one table at a time.", where="glassnet predict")
    return predict_table(model, read_rows(subjects[0]), folder)


def _is_table(subject: str) -> bool:
    return subject == STDIN or subject.lower().endswith(TABLES)


def table_of_files(subjects: Sequence[str], column: Input) -> Table:
    """Return a row for each file, and for each file in a folder."""
    import polars as pl

    noun, paths = f"{NOUNS[column.kind]}s", []
    for subject in subjects:
        inside = files_below(subject, noun) if os.path.isdir(subject) else [subject]
        if not inside:
            raise GlassnetError(f"contains no {noun}.", where=subject)
        paths += inside
    return Table(pl.DataFrame({column.name: paths}), np.array(paths), "", "file")


def read_rows(path: str) -> Table:
    """Return the rows of a file, or of stdin: CSV, or JSON lines."""
    if path == STDIN:
        data = to_utf8(sys.stdin.buffer.read(), "stdin")
        return table_in(data, "stdin", 1, data.lstrip().startswith(b"{"))
    if not path.lower().endswith(TABLES):
        raise GlassnetError(
            "is not a table, but the model was trained on one.",
            where=path,
            fix=f"Give a file that ends in {', '.join(TABLES)}, or - for CSV from stdin.",
        )
    return read_table(path, 1)


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
