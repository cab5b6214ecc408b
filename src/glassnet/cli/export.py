"""`glassnet export`."""

from typing import Annotated

import typer

from glassnet.cli.options import RunOrFile
from glassnet.cli.printing import show


def command(
    run: RunOrFile,
    to: Annotated[str, typer.Option(help="keras: a .keras file that plain Keras loads.")] = "keras",
    out: Annotated[str | None, typer.Option(help="File to write; RUN/model.keras if not.")] = None,
) -> None:
    """Write a trained network for another program."""
    from glassnet.runs.convert import export

    show([str(export(run, to, out))])
