"""`glassnet plot`."""

from typing import Annotated

import typer

from glassnet.cli.options import DataDir
from glassnet.cli.printing import show, tell
from glassnet.report.figures.kinds import KINDS


def command(
    runs: Annotated[list[str], typer.Argument(metavar="RUN", help="Runs' folders.")],
    kind: Annotated[str, typer.Option(help=f"{', '.join(KINDS)}.")] = "overview",
    out: Annotated[
        str | None,
        typer.Option(help="Picture to write (.png or .svg); RUN/KIND.png if not."),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Draw a run, or compare several (seeds, learning-rates)."""
    from glassnet.report.figures.draw import draw

    show([str(draw(runs, kind, out, data_dir, tell))])
