"""`glassnet plot`."""

from typing import Annotated

import typer

from glassnet.cli.common import DataDir, RunFolder, show, tell


def command(
    run: RunFolder,
    out: Annotated[
        str | None, typer.Option(help="Picture to write (.png or .svg); RUN/overview.png if not.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Draw a run: its curves, what its first layer looks for, and what it says of test images."""
    from glassnet.using import draw_overview

    show([str(draw_overview(run, out, data_dir, tell))])
