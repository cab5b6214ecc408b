"""`glassnet predict RUN TABLE`: predict for the rows of a table with a trained model."""

import sys
from pathlib import Path

from glassnet.core.errors import GlassnetError
from glassnet.core.files import write_whole
from glassnet.data.sources.tables import TABLES, Table, read_table, table_in
from glassnet.data.sources.text_files import to_utf8
from glassnet.evaluate.rows import RowPredictions, predict_table
from glassnet.model.model import Model
from glassnet.runs.run import Run, is_run

STDIN = "-"


def takes_rows(model: Model) -> bool:
    """Return whether a model reads rows of a table."""
    return model.about.get("rows") is not None


def predict_rows(model: Model, folder: str, path: str) -> RowPredictions:
    """Return the predictions for the rows of a file, or of stdin: CSV, or JSON lines."""
    if is_run(folder):
        Run(folder).warn_if_unfinished()
    return predict_table(model, _read(path), folder)


def _read(path: str) -> Table:
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
    frame = table.drop(taken).hstack(predictions.frame)
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
