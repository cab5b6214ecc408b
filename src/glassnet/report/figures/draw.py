"""Draw a plot of runs and write it to a file, as `glassnet plot` does."""

from collections.abc import Sequence
from pathlib import Path

from glassnet.core.errors import unknown
from glassnet.model.diagram import Diagram
from glassnet.plots.style import write_figure
from glassnet.report.figures.kinds import KINDS
from glassnet.runs.outputs import RunOutputs


def draw(
    folders: Sequence[str],
    kind: str = "overview",
    out: str | None = None,
    data_dir: str | None = None,
) -> Path:
    """Draw a plot of one or more runs; return its path, by default in the first run's folder.

    Raises GlassnetError for an unknown kind, and if a run lacks what the plot needs.
    """
    if kind not in KINDS:
        raise unknown("plot", kind, KINDS, where="--kind")
    plot = KINDS[kind].of(*(RunOutputs(folder, data_dir) for folder in folders))
    ending = "svg" if isinstance(plot, Diagram) else "png"
    path = Path(out) if out else Path(folders[0]) / f"{kind}.{ending}"
    if isinstance(plot, Diagram):
        plot.write(path)
    else:
        write_figure(plot, path, KINDS[kind].title, KINDS[kind].caption)
    return path
