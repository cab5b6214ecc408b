"""The checks of typed rows, when it is known which are for training and which for testing."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from glassnet.data.checks.copies import check_copies
from glassnet.data.checks.labels_in_texts import check_labels_in_texts
from glassnet.data.checks.media import check_media
from glassnet.data.checks.splits import check_test_columns, check_test_targets
from glassnet.data.sources.tables import Table
from glassnet.data.targets import Classes, Target

if TYPE_CHECKING:
    from glassnet.data.rows import Part


def check_parts(
    table: Table,
    target: Target,
    train: "Part",
    test: "Part",
    selected_by: str | None,
    files: Mapping[str, str],
) -> None:
    """Doubt columns of training rows that tell the target, and test rows that are unlike them.

    `table` has the training rows; `selected_by` is the file that selects the test rows, or None if
    they are chosen at random; `files` are the types of columns of paths.
    """
    import polars as pl

    rows, held_out = (part.typed.drop([*files]) for part in (train, test))
    check_copies(table.source, rows, target, train.values, len(train) + len(test))
    if selected_by is not None:
        check_test_columns(rows, held_out, selected_by)
        check_test_targets(target, train.values, test.values, selected_by)
    if not isinstance(target, Classes):
        return
    for name, kind in files.items():
        paths = train.typed[name]
        check_media(table, paths, kind, train.values, target.classes, target.columns[0])
    labels = [target.classes[label] for label in train.values.tolist()]
    for column in rows:
        if column.dtype == pl.String and column.n_unique() > len(column) / 2:
            check_labels_in_texts(table, column.name, column.fill_null("").to_list(), labels)
