"""The options that say how a table of texts is read; one that is not given is found out."""

from typing import Annotated, Any

import typer

PANEL: Any = {"rich_help_panel": "Texts", "show_default": False}
TextColumn = Annotated[
    str | None, typer.Option(help="Of a table, the column of texts, if not clear.", **PANEL)
]
LabelColumn = Annotated[
    str | None, typer.Option(help="Of a table, the column of labels, if not clear.", **PANEL)
]
TestFile = Annotated[
    str | None,
    typer.Option(
        help="A table to test on; else the rows that a column called split says, else a fifth of "
        "the rows.",
        **PANEL,
    ),
]
