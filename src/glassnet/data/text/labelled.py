"""Labeled texts in a table: a text and a label in each row."""

import logging
from dataclasses import replace

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.data import parts
from glassnet.data.checks.labels_in_texts import check_labels_in_texts
from glassnet.data.class_names import require_labels, same_name_hint
from glassnet.data.sources.tables import Table
from glassnet.data.target_inference import class_names_of
from glassnet.data.targets import NEVER_SEEN
from glassnet.data.text.datasets import Texts, make_texts

log = logging.getLogger(__name__)

Pairs = list[tuple[str, str]]


def texts_of(
    table: Table, text: str, label: str, split: str | None = None, test: Table | None = None
) -> Texts:
    """Return the texts and labels in two columns, with byte tokens.

    The rows for testing are `test`, or those that the column `split` selects, or a fifth of each
    class; that column may select validation rows, too. Raises GlassnetError naming file and line.
    """
    log.info(f"texts are in column {text!r}, labels in column {label!r}")
    pairs = _pairs(table, text, label)
    check_labels_in_texts(table, text, *zip(*pairs, strict=True))
    labels = np.array([name for _, name in pairs])
    none, validation_rows = np.arange(0), None
    if split is not None:
        train_rows, test_rows, validation_rows = parts.by_column(table, split, labels, test)
    elif test is not None:
        train_rows, test_rows = np.arange(len(pairs)), none
    else:
        class_names_of({*labels.tolist()}, len(labels), label, table.source)
        train_rows, test_rows = parts.by_chance(labels)
    train = [pairs[row] for row in train_rows]
    held_out = [pairs[row] for row in test_rows] if test is None else _pairs(test, text, label)
    numbers = table.numbers[train_rows], table.numbers[test_rows] if test is None else test.numbers
    names = class_names_of({name for _, name in train}, len(train), label, table.source)
    index = {name: number for number, name in enumerate(names)}
    for _, name in held_out:
        if name not in index:
            raise GlassnetError(
                f"the test rows have the label {name!r}, which no training row has.",
                where=(test or table).source,
                fix=f"{same_name_hint(name, names)}{NEVER_SEEN}",
            )
    train_part, test_part = (
        [(words, index[name]) for words, name in part] for part in (train, held_out)
    )
    source = table.source if test is None else f"{table.source} and {test.source}"
    texts = make_texts(table.name, train_part, test_part, names, source)
    texts = replace(texts, validation_rows=validation_rows, columns=(text, label))
    return replace(texts, unit=table.unit, numbers=numbers)


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
