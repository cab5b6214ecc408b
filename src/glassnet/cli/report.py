"""`glassnet report`."""

from typing import Annotated

import typer

from glassnet.cli.options import AsJson, DataDir, RunFolder
from glassnet.cli.printing import show_result
from glassnet.core.terminal import say


def command(
    run: RunFolder,
    out: Annotated[
        str | None, typer.Option(help="File to write.", show_default="RUN/report.html")
    ] = None,
    full: Annotated[
        bool,
        typer.Option(
            "--full", help="Include what takes minutes: t-SNE, learning-rate finder, data audit."
        ),
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Write a report of a run: one self-contained HTML file that opens offline."""
    from glassnet.report.report import write_report

    say("writing the report" + (" with what takes minutes" if full else ""))
    path = str(write_report(run, out, data_dir, full=full))
    show_result(as_json, {"run": run, "report": path}, [path])
