"""The checks of one column, by its type."""

from typing import TYPE_CHECKING

from glassnet.core.plurals import first_of
from glassnet.data.checks.dates import check_dates
from glassnet.data.checks.mixed import check_one_way
from glassnet.data.checks.numbers import check_numbers
from glassnet.data.checks.reports import doubt_column
from glassnet.data.checks.words import check_spelling, check_texts, require_no_errors
from glassnet.data.columns.files import FILES
from glassnet.data.sources.tables import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from glassnet.data.columns.inference import Inferred

_RARE = 0.01  # share of the rows with a value, in a column that is nearly empty


def check_column(table: Table, column: "Inferred", sample: "pl.Series", texts: "pl.Series") -> None:
    """Doubt what is unusual in a column whose type was inferred.

    `texts` are its cells, null for missing ones, and `sample` has some of the different ones.
    Raises GlassnetError for errors of spreadsheets.
    """
    name, values = column.name, column.values
    if values is None:
        return
    present = len(values) - values.null_count()
    if present <= _RARE * len(values):
        what = f"has a value in only {present:,} of {len(values):,} rows."
        doubt_column(table, name, what, f"Find out where the others were lost, or --drop {name}.")
    if column.type in FILES:
        return
    if column.type == "number":
        check_numbers(table, name, values, sample)
    elif column.type == "date":
        check_dates(table, name, values)
    else:
        require_no_errors(table, name, texts)
        if column.type == "text":
            check_texts(table, name, texts)
        else:
            check_one_way(table, name, texts, sample)
            check_spelling(table, name, texts)


def doubt_constants(table: Table, columns: "Sequence[Inferred]") -> None:
    """Doubt columns that are not read because they are the same in all rows, or empty."""
    constant = [c for c in columns if c.type == "constant" and c.reason != "chosen"]
    if not constant:
        return
    first, *others = constant
    what = first.reason.removeprefix("it ")
    names = first_of([repr(column.name) for column in others])
    doubt_column(
        table,
        first.name,
        f"{what}{f'; likewise {names}' if others else ''}: not read.",
        f"Find out where its values were lost, or --drop {first.name}.",
    )
