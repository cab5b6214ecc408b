"""Labeled texts in a table: a text and a label in each row."""

import logging
from pathlib import Path

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.data import parts
from glassnet.data.class_names import require_labels, same_name_hint
from glassnet.data.sources.tables import Table
from glassnet.data.target_inference import class_names_of
from glassnet.data.text.datasets import Texts, make_texts

log = logging.getLogger(__name__)

Pairs = list[tuple[str, str]]


def texts_of(
    table: Table, text: str, label: str, split: str | None = None, test: Table | None = None
) -> Texts:
    """Return the texts and labels in two columns, with byte tokens.

    The rows for testing are `test`, or those that the column `split` selects, or a fifth of each
    class. Raises GlassnetError naming file and line.
    """
    log.info(f"texts are in column {text!r}, labels in column {label!r}")
    train = _pairs(table, text, label)
    if test is not None:
        held_out = _pairs(test, text, label)
    else:
        labels = [name for _, name in train]
        if split is None:
            class_names_of({*labels}, len(labels), label, table.source)
            rows = parts.by_chance(np.array(labels))
        else:
            rows = parts.by_column(table, split)
        train, held_out = ([train[row] for row in part] for part in rows)
    names = class_names_of({name for _, name in train}, len(train), label, table.source)
    index = {name: number for number, name in enumerate(names)}
    for _, name in held_out:
        if name not in index:
            raise GlassnetError(
                f"the test rows have the label {name!r}, which no training row has.",
                where=(test or table).source,
                fix=f"{same_name_hint(name, names)}Fix the label, or add such rows to the "
                "training part.",
            )
    train_part, test_part = (
        [(words, index[name]) for words, name in part] for part in (train, held_out)
    )
    source = table.source if test is None else f"{table.source} and {test.source}"
    return make_texts(Path(table.source).stem, train_part, test_part, names, source)


def _pairs(table: Table, text: str, label: str) -> Pairs:
    """Return the (text, label) pairs of all rows."""
    texts, labels = (table.frame[name].cast(str).fill_null("").to_list() for name in (text, label))
    labels = [*map(str.strip, labels)]
    for row, value in enumerate(texts):
        if not value.strip():
            raise GlassnetError(
                f"the column {text!r} is empty.",
                where=table.place(row),
                fix="Fill it in, or remove the row.",
            )
    numbers = table.numbers.tolist()
    require_labels(labels, numbers, table.source, table.unit, f"column {label!r}")
    return list(zip(texts, labels, strict=True))
