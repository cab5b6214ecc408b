"""Draw runs: what `glassnet plot` does."""

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
    """Draw a picture of a run, or of several; where it was written: in the first run, if not told.

    Raises GlassnetError for an unknown kind, and for one that needs what the run has not got.
    """
    if kind not in KINDS:
        raise unknown("picture", kind, KINDS, where="--kind")
    picture = KINDS[kind].of(*(RunOutputs(folder, data_dir) for folder in folders))
    ending = "svg" if isinstance(picture, Diagram) else "png"
    path = Path(out) if out else Path(folders[0]) / f"{kind}.{ending}"
    if isinstance(picture, Diagram):
        picture.write(path)
    else:
        write_figure(picture, path, KINDS[kind].title, KINDS[kind].caption)
    return path
