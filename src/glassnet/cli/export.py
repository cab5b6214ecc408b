"""`glassnet export`."""

from typing import Annotated

import typer

from glassnet.cli.options import RunOrFile
from glassnet.cli.printing import show


def command(
    run: RunOrFile,
    to: Annotated[
        str, typer.Option(help="keras: a .keras file that Keras loads without glassnet.")
    ] = "keras",
    out: Annotated[
        str | None, typer.Option(help="File to write.", show_default="RUN/model.keras")
    ] = None,
) -> None:
    """Export a trained network to the file format of another library."""
    from glassnet.runs.export import export

    show([str(export(run, to, out))])
