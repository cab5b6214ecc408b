"""One raw example, as `glassnet predict` takes it: a row of a table, a picture, a clip, a text."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glassnet.core.arrays import take
from glassnet.core.errors import GlassnetError
from glassnet.data.images.photo import read_photo
from glassnet.data.sources.tables import Table
from glassnet.model.model import Model
from glassnet.model.raw_rows import columns_of_texts, raw_inputs
from glassnet.model.readers import preprocessing_of, rows_of
from glassnet.runs.predict_rows import table_for, takes_rows


@dataclass(frozen=True, eq=False)
class RawExample:
    """An example as the network takes it, without a batch axis, and what it was made of."""

    x: Any  # an array, or a tuple of arrays
    name: str  # "photo.jpg", "rows.csv, line 3", "the text"
    raw: Any = None  # the typed row, or the text
    table: Table | None = None  # the row, if it is one
    doubts: tuple[str, ...] = ()  # why a photo does not look like the training data


def raw_example(model: Model, folder: str, subject: str, row: int | None = None) -> RawExample:
    """Return a raw input as an example of the model: `row` of a table, or a file, or a text.

    Raises GlassnetError for a row that is not there, or a row of what has none.
    """
    of_texts = "tokenizer" in model.about
    if takes_rows(model, [subject]):
        table = table_for(model, folder, [subject])
    elif of_texts:
        table = _table_of_text(model, subject)
    elif row is not None:
        raise GlassnetError("is for rows of a table; a picture has none.", where="--row")
    else:
        photo = read_photo(subject, preprocessing_of(model, folder))
        return RawExample(photo.pixels, Path(subject).name, doubts=tuple(photo.doubts))
    if not 0 <= (row or 0) < len(table):
        raise GlassnetError(f"there are rows 0 to {len(table) - 1}.", where="--row")
    one, name = table.rows([row or 0]), Path(subject).name
    if one.unit == "file":
        name = Path(str(one.numbers[0])).name
    elif of_texts and one.source == "the text":
        name = "the text"
    else:
        name = f"{'stdin' if subject == '-' else name}, {one.row_name(0)}"
    if of_texts:
        raw = str(one.frame[columns_of_texts(model)[0]][0] or "")
        return RawExample(take(raw_inputs(model, one, folder), 0), name, raw, one)
    rows = rows_of(model, folder)
    typed = rows.typed(one)
    return RawExample(take(rows.x(typed), 0), name, typed, one)


def _table_of_text(model: Model, text: str) -> Table:
    import polars as pl

    return Table.numbered(pl.DataFrame({columns_of_texts(model)[0]: [text]}), "the text")
