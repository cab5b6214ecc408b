"""Checks of columns of pictures: do their sizes, formats or colors tell the class?"""

import os
from typing import TYPE_CHECKING

import numpy as np

from glassnet.core.arrays import Array
from glassnet.data.checks.agreement import AGREE, ROWS
from glassnet.data.checks.copies import majority
from glassnet.data.checks.reports import doubt_column
from glassnet.data.images.pictures import forms_of
from glassnet.data.sources.tables import Table

if TYPE_CHECKING:
    import polars as pl


def check_pictures(table: Table, paths: "pl.Series", labels: Array, name: str) -> None:
    """Doubt pictures of which something but the content tells the class, named `name`.

    A network would learn that one class was saved as JPEG, or photographed at another size.
    """
    import polars as pl

    if paths.has_nulls() or len(paths) < ROWS:
        return
    _, labels = np.unique(labels, return_inverse=True)
    forms = forms_of(paths.to_list())
    facts = {
        "size": [f"{width}x{height}" for height, width, _ in forms.tolist()],
        "format": [os.path.splitext(path)[1].lower() for path in paths],
        "number of colors": ["gray" if form[2] == 1 else "color" for form in forms.tolist()],
    }
    for noun, values in facts.items():
        if (share := majority(pl.Series(values), labels)) >= AGREE:
            other = next(row for row, value in enumerate(values) if value != values[0])
            doubt_column(
                table,
                paths.name,
                f"the {noun} of a picture alone tells {name!r} in {share:.1%} of the rows: "
                f"{values[0]} in {table.row_name(0)}, {values[other]} in {table.row_name(other)}.",
                "Save all pictures in one form, from the same source; or the network learns the "
                f"{noun} instead of what they show.",
            )
