"""A table or a folder as a data set: events or ratings if people say so, texts with labels if texts
are all there is to read, else rows.
"""

import os
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from glassnet.core.doubts import collected_doubts, doubt
from glassnet.core.errors import GlassnetError
from glassnet.core.files import state_of
from glassnet.data.checks.words import check_texts
from glassnet.data.columns.base import cells
from glassnet.data.dataset import Dataset
from glassnet.data.events import TASK
from glassnet.data.interactions import interactions_of
from glassnet.data.ratings import ratings_of
from glassnet.data.roles import Choices, roles_of
from glassnet.data.rows import Rows, rows_of
from glassnet.data.sources.folder_tree import state_of_folder
from glassnet.data.sources.folders import LABEL, read_folder
from glassnet.data.sources.tables import TABLES, Table, read_table
from glassnet.data.text.labelled import texts_of


def dataset_of(table: Table, choices: Choices) -> Dataset:
    """Return the data set of a table. Raises GlassnetError if its columns leave it open."""
    test = None if choices.test_file is None else _test_table(choices.test_file, choices.encoding)
    if choices.user or choices.item or choices.task == TASK:
        read = ratings_of if choices.target else interactions_of
        return read(table, choices, test)
    if choices.min_rating is not None:
        raise GlassnetError("is for recommending items.", where="--min-rating")
    roles = roles_of(table, choices)
    if roles.text is not None:
        if choices.group is not None or choices.time is not None:
            option = "--group" if choices.time is None else "--time"
            raise GlassnetError("is for tables of other columns than texts.", where=option)
        if any(column.name == roles.text and column.type != "text" for column in roles.columns):
            check_texts(table, roles.text, cells(table.frame[roles.text]))
        return texts_of(table, roles.text, roles.target[0], roles.split, test)
    return rows_of(table, roles, choices, test)


def _test_table(path: str, encoding: str | None) -> Table:
    if not path.lower().endswith(TABLES):
        raise GlassnetError(
            "is not a table.", where=path, fix=f"Tables end in {', '.join(TABLES)}."
        )
    return read_table(path, encoding=encoding)


class _Read(NamedTuple):
    """A data set, what was doubted while it was read, and the state of the files in its cells."""

    data: Dataset
    doubts: tuple[GlassnetError, ...]
    state: object


def read_dataset(path: str, choices: Choices) -> Dataset:
    """Return the data set in a file or folder; the last one is remembered until that changes, or
    a file that its cells name.
    """
    files = [path] if choices.test_file is None else [path, choices.test_file]
    read = _read(path, choices, *map(_state, files))
    if _state_of_cells(path, read.data) != read.state:
        _read.cache_clear()
        read = _read(path, choices, *map(_state, files))
    for error in read.doubts:
        doubt(error.what, error.where, error.fix)
    return read.data


def _state(path: str) -> tuple[object, ...]:
    """Return what changes if a file does, or one in a folder."""
    if os.path.isdir(path):
        return os.path.abspath(path), state_of_folder(path)
    return os.path.abspath(path), state_of(path) if os.path.isfile(path) else None


def _state_of_cells(path: str, data: Dataset) -> object:
    """Return what changes if a file does that a cell names; those of a folder are in its state."""
    if os.path.isdir(path) or not isinstance(data, Rows):
        return None
    return [state_of(file) if os.path.isfile(file) else None for file in data.files]


@lru_cache(maxsize=1)
def _read(path: str, choices: Choices, *state: tuple[object, ...]) -> _Read:
    with collected_doubts() as doubts:
        if os.path.isdir(path):  # the names of classes may be numbers
            data = dataset_of(
                read_folder(path, choices.encoding),
                replace(choices, target=(LABEL,), task="classes"),
            )
        else:
            data = dataset_of(read_table(path, encoding=choices.encoding), choices)
    return _Read(data, tuple(doubts), _state_of_cells(path, data))
