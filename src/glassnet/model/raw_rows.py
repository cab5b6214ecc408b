"""How a model reads raw rows: its columns, or the texts that it was trained on."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from glassnet.core.arrays import Array
from glassnet.core.doubts import doubt
from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.plurals import are, counted, first_of
from glassnet.data.sources.tables import Table
from glassnet.data.text.tokenizer import UNKNOWN, WordTokenizer
from glassnet.model.model import Model
from glassnet.model.readers import rows_of, tokenizer_of

if TYPE_CHECKING:
    import numpy as np

_NAMES = ("text", "label")  # of the columns, in models that hold no others


def raw_inputs(model: Model, table: Table, where: str) -> Any:
    """Return the inputs of the network for raw rows: an array, or a tuple of them.

    Doubts cells that no training row has, and columns that are missing or unknown.
    """
    if "tokenizer" in model.about:
        return _tokens_of(model, table, where)
    rows = rows_of(model, where)
    return rows.x(rows.typed(table))


def columns_of_texts(model: Model) -> tuple[str, str]:
    """Return the names of the columns with the texts and with their labels."""
    names = model.about.get("columns_of_texts", _NAMES)
    if not isinstance(names, list | tuple) or [*map(type, names)] != [str, str]:
        raise GlassnetError(f"names the columns of its texts {names!r:.80}.", where="the model")
    return names[0], names[1]


def _tokens_of(model: Model, table: Table, where: str) -> Array:
    """Return the tokens of a table's texts, (N, T).

    Doubts texts that are longer than T tokens, and those of which no word is known. Raises
    GlassnetError if there is no column of texts, or if one is empty.
    """
    import polars as pl

    tokenizer, (column, _) = tokenizer_of(model, where), columns_of_texts(model)
    if len(model.output_shape) > 1:
        fix = "Use glassnet generate."
        raise GlassnetError("generates text and has no classes.", where=where, fix=fix)
    if column not in table.columns:
        raise unknown("column", column, table.columns, where=table.source or "the files")
    texts = table.frame[column].cast(pl.String).fill_null("").to_list()
    for row, text in enumerate(texts):
        if not text.strip():
            fix = "Fill it in, or remove the row."
            what = f"the column {column!r} is empty."
            raise GlassnetError(what, where=table.place(row), fix=fix)
    x, cut = tokenizer(texts)
    if cut:
        longer = [n for n, text in enumerate(texts) if len(tokenizer.ids(text)) > tokenizer.length]
        what = f"{counted(cut, 'text')} {are(cut)} read only up to token {tokenizer.length}"
        _doubt(table, longer, what, "As in training (--max-length).")
    if isinstance(tokenizer, WordTokenizer):
        blank = (((x == UNKNOWN) | (x == 0)).all(axis=1)).nonzero()[0]
        if len(blank):
            what = f"no word of {counted(len(blank), 'text')} is known"
            _doubt(table, blank, what, "The prediction says nothing about it.")
    return x


def _doubt(table: Table, rows: "Sequence[int] | np.ndarray", what: str, fix: str) -> None:
    doubt(f"{what}: {first_of([table.row_name(row) for row in rows])}.", table.source, fix)
