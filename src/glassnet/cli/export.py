"""`glassnet export`."""

from typing import Annotated

import typer

from glassnet.cli.options import AsJson, RunOrFile
from glassnet.cli.printing import show_result


def command(
    run: RunOrFile,
    to: Annotated[
        str, typer.Option(help="keras: a .keras file that Keras loads without glassnet.")
    ] = "keras",
    out: Annotated[
        str | None, typer.Option(help="File to write.", show_default="RUN/model.keras")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Export a trained network to the file format of another library.

    It has the network, with its scaling, but not the preprocessing of tables, texts and files.
    """
    from glassnet.runs.export import export

    path = str(export(run, to, out))
    show_result(as_json, {"run": run, "to": to, "file": path}, [path])
