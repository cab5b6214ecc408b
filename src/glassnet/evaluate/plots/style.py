"""The house style of all pictures, and how they become files."""

import io
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from glassnet.atomic import write_whole
from glassnet.errors import GlassnetError

BLUE, ORANGE, INK, GREY = "#0072B2", "#D55E00", "#222222", "#8A8A8A"  # Okabe & Ito: for all eyes
STYLE: Any = {  # matplotlib's stubs want each key as a literal
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "svg.hashsalt": "glassnet",  # the same picture gives the same file
}
house_style = mpl.rc_context(STYLE)  # decorates what draws


def write_figure(figure: Figure, path: Path) -> None:
    """Write the picture as PNG or SVG, whole or not at all."""
    kind = path.suffix.lower().lstrip(".")
    if kind not in ("png", "svg"):
        raise GlassnetError("a picture's name ends in .png or .svg.", where=str(path))
    buffer = io.BytesIO()
    with house_style:
        metadata = {"Date": None} if kind == "svg" else {"Software": "glassnet"}
        figure.savefig(buffer, format=kind, dpi=110, metadata=metadata)
    write_whole(path, buffer.getvalue())
