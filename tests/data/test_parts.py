"""Rows for training, validation and testing that a column marks."""

import numpy as np
import polars as pl
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data import load, parts
from glassnet.data.sources.tables import Table

LABELS = np.array([0, 1] * 10)


def table(cells: list[str]) -> Table:
    return Table.numbered(pl.DataFrame({"split": cells, "n": range(len(cells))}), "t")


def test_names_of_parts() -> None:
    words = {"Train": "train", "training ": "train", "VAL": "validation", "valid": "validation",
             "test": "test", "testing": "test", "trains": None, "": None}  # fmt: skip
    assert {word: parts.part_named(word) for word in words} == words


def test_validation_rows_are_places_among_the_training_rows() -> None:
    cells = ["test", "train", "val", "train", "validation", "train"]
    train, test, validation = parts.by_column(table(cells), "split", LABELS[:6])
    assert train.tolist() == [1, 2, 3, 4, 5]
    assert test.tolist() == [0]
    assert validation is not None
    assert train[validation].tolist() == [2, 4]


def test_without_test_rows_a_fifth_of_the_training_rows_is(messages: list[str]) -> None:
    cells = ["train"] * 10 + ["val"] * 10
    train, test, validation = parts.by_column(table(cells), "split", LABELS)
    assert messages == ["no rows are marked for testing: a fifth of the training rows is"]
    assert validation is not None
    assert train[validation].tolist() == [*range(10, 20)]
    assert sorted(LABELS[test]) == [0, 1]
    assert sorted([*train, *test]) == [*range(20)]


def test_a_file_of_test_rows_and_marked_ones() -> None:
    other = table(["x"])
    train, test, validation = parts.by_column(table(["train", "val"]), "split", LABELS[:2], other)
    assert (train.tolist(), test.tolist(), validation.tolist()) == ([0, 1], [], [1])  # type: ignore[union-attr]
    with pytest.raises(GlassnetError, match="t: row 1: the column 'split' marks rows for testing"):
        parts.by_column(table(["train", "test"]), "split", LABELS[:2], other)
    with pytest.raises(GlassnetError, match="no row of the column 'split' is train"):
        parts.by_column(table(["val", "test"]), "split", LABELS[:2])


def test_held_out_rows_of_a_table_stay_validation_rows() -> None:
    frame = pl.DataFrame({"n": [i % 7 for i in range(20)], "label": ["a", "b"] * 10,
                          "split": ["train"] * 12 + ["val"] * 4 + ["test"] * 4})  # fmt: skip
    data = load(frame, target="label")
    assert data.validation_rows is not None
    assert data.validation_rows.tolist() == [12, 13, 14, 15]
    fold = data.held_out(np.arange(10, 16), np.arange(10))
    assert fold.validation_rows is not None
    assert fold.validation_rows.tolist() == [2, 3, 4, 5]


def test_groups_stay_together_if_a_fifth_of_the_training_rows_is_for_testing(
    messages: list[str],
) -> None:
    cells, groups = ["train"] * 60 + ["val"] * 20, np.repeat(np.arange(40), 2)
    labels = np.tile([0, 1], 40)
    train, test, _ = parts.by_column(table(cells), "split", labels, None, groups)
    assert len(test)
    assert not {*groups[train]} & {*groups[test]}
    assert len(messages) == 1  # and no doubt


def test_groups_in_two_parts_are_doubted(messages: list[str]) -> None:
    groups = np.array([0, 0, 1, 2])
    parts.by_column(table(["train", "test", "train", "test"]), "split", LABELS[:4], None, groups)
    assert "puts rows of 1 group of 3 into more than one part" in messages[0]
