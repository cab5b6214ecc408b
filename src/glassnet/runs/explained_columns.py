"""What an explanation says about the columns of a table, and about the words of a text."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.core.arrays import Array, as_tuple
from glassnet.core.tables import shortened, table
from glassnet.data.columns.files import FILES
from glassnet.data.columns.text import Text
from glassnet.data.preprocessing import Preprocessing
from glassnet.data.text.tokenizer import Tokenizer
from glassnet.evaluate.regression import signed
from glassnet.explain import Explanation

if TYPE_CHECKING:
    import polars as pl

_LINES = 15  # columns, or words of a text, that are printed
_CELL = 40  # characters of a value
_TEXT = "text"  # the column of a model of texts
_MEASURES = {
    "saliency": "|gradient|",
    "smoothgrad": "gradient",
    "occlusion": "lost without it",
}  # all others: what is added


@dataclass(frozen=True, eq=False)
class ExplainedColumn:
    """The value of a column in the explained row, and what it adds."""

    name: str
    kind: str
    cell: str
    added: float
    words: tuple[tuple[str, float], ...] = ()  # of a text, with what each adds
    picture: tuple[Array, Array] | None = None  # a picture or spectrogram, and its values


def columns_of(
    rows: Preprocessing, typed: "pl.DataFrame", x: Any, result: Explanation
) -> tuple[ExplainedColumn, ...]:
    """Return the columns of a typed row, x what they make, that count most first."""
    if result.columns is None or result.method == "grad-cam":
        return ()
    inputs = [part.name for part in rows.inputs]
    own = dict(zip(inputs, zip(as_tuple(x), as_tuple(result.values), strict=True), strict=True))
    columns = []
    for column in rows.read:
        added, cell = result.columns[column.name], typed[column.name][0]
        words: tuple[tuple[str, float], ...] = ()
        picture = None
        if isinstance(column, Text):
            values = own[column.name][1] * result.scale
            words = words_of(column.tokenizer, cell or "", values)
        elif column.block in FILES:
            picture = own[column.name]
        columns.append(
            ExplainedColumn(column.name, column.kind, _text(cell, column), added, words, picture)
        )
    return tuple(sorted(columns, key=lambda column: -abs(column.added)))


def text_of(tokenizer: Tokenizer, text: str, result: Explanation) -> tuple[ExplainedColumn, ...]:
    """Return the only column of a model of texts."""
    if result.values is None:
        return ()
    words = words_of(tokenizer, text, result.values)
    return (ExplainedColumn(_TEXT, "text", text, float(result.values.sum()), words),)


def words_of(tokenizer: Tokenizer, text: str, values: Array) -> tuple[tuple[str, float], ...]:
    """Return the words of a text that were read, in order, and the sum of the values of each."""
    pieces = tokenizer.pieces(text) or [("missing", 1)]
    ends = np.cumsum([0, *(count for _, count in pieces)])
    spans = zip(pieces, pairwise(ends.tolist()), strict=True)
    return tuple(
        (piece, float(values[start:end].sum()))
        for (piece, _), (start, end) in spans
        if start < len(values)
    )


def column_lines(columns: Sequence[ExplainedColumn], method: str, unit: str) -> list[str]:
    """Return the columns as a table, and the words of each text as another, in `unit`."""
    header = _MEASURES.get(method, f"added to the {unit}")
    lines: list[str] = []
    if len(columns) > 1 or (columns and not (columns[0].words or columns[0].picture)):
        rows = [(c.name, shortened(c.cell, _CELL), signed(c.added)) for c in columns]
        lines += _table(("column", "value", header), rows, "<<>", "columns")
    for column in columns:
        if column.words:
            strongest = sorted(column.words, key=lambda word: -abs(word[1]))
            pairs = [(shortened(word, _CELL), signed(value)) for word, value in strongest]
            lines += _table((f"word of {column.name}", header), pairs, "<>", "words")
    return lines


def columns_as_dict(columns: Sequence[ExplainedColumn]) -> dict[str, Any]:
    """Return what columns and words add, the columns by name; nothing if there are none."""
    if not columns:
        return {}
    words = {c.name: [{"word": w, "added": v} for w, v in c.words] for c in columns if c.words}
    sums, cells = {c.name: c.added for c in columns}, {c.name: c.cell for c in columns}
    return {"columns": sums, "cells": cells} | ({"words": words} if words else {})


def _table(
    header: tuple[str, ...], rows: Sequence[tuple[str, ...]], align: str, what: str
) -> list[str]:
    more = len(rows) - _LINES
    note = [f"and {more:,} more {what}; all of them: --json"] if more > 0 else []
    return ["", *table([header, *rows[:_LINES]], align), *note]


def _text(cell: Any, column: Any) -> str:
    """Return the value of a cell as text."""
    if cell is None:
        return "missing"
    if column.block in FILES:
        return os.path.basename(cell)
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)
