"""`glassnet report`."""

from typing import Annotated

import typer

from glassnet.cli.options import AsJson, DataDir, RunFolder
from glassnet.cli.printing import show, show_json, tell


def command(
    run: RunFolder,
    out: Annotated[str | None, typer.Option(help="File to write; RUN/report.html if not.")] = None,
    full: Annotated[
        bool,
        typer.Option(
            "--full", help="Also what takes minutes: t-SNE, learning-rate finder, data audit."
        ),
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Write all that is known of a run as one HTML file, which opens anywhere, offline."""
    from glassnet.report.writing import write_report

    path = str(write_report(run, out, data_dir, tell, full=full))
    show_json({"run": run, "report": path}) if as_json else show([path])
