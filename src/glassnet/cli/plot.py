"""`glassnet plot`."""

from typing import Annotated

import typer

from glassnet.cli.options import AsJson, DataDir
from glassnet.cli.printing import show_result

KINDS = (
    "overview, network, curves, samples, classes, predictions, probabilities, confusion, weights, "
    "filters, feature-maps, activations, gradients, calibration, pca, t-sne, learning-rate, "
    "learning-rates, seeds, predicted, errors, error-histogram, importance"
)


def command(
    runs: Annotated[list[str], typer.Argument(metavar="RUN", help="Folders of runs.")],
    kind: Annotated[str, typer.Option(help=f"Kind of plot: {KINDS}.")] = "overview",
    out: Annotated[
        str | None,
        typer.Option(help="File to write (.png or .svg).", show_default="RUN/KIND.png"),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Plot a run, or several (the kinds seeds and learning-rates)."""
    from glassnet.report.figures.draw import draw

    path = str(draw(runs, kind, out, data_dir))
    show_result(as_json, {"runs": runs, "kind": kind, "file": path}, [path])
