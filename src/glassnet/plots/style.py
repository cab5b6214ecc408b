"""The style shared by all plots, and how they are written to files."""

import io
import re
import warnings
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter, FuncFormatter

from glassnet.core.errors import GlassnetError
from glassnet.core.files import write_whole
from glassnet.core.terminal import printable
from glassnet.plots.colors import GRAY, GRID, INK, PAPER

MARKERS = "os^Dv*P"  # as many: color and shape together distinguish 49 classes
_OTHER_SCRIPTS = (  # for names that DejaVu Sans can't show, in PNG files
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "WenQuanYi Zen Hei",
    "Droid Sans Fallback", "PingFang SC", "Hiragino Sans", "Microsoft YaHei", "SimHei",
    "Noto Sans Devanagari", "Noto Sans Thai", "Noto Sans Bengali", "Noto Sans Tamil",
    "Arial Unicode MS", "Unifont",
)  # fmt: skip
WIDTH = 6.0  # inches: text of 8 points is still readable on a phone
STYLE: Any = {  # matplotlib's stubs want each key as a literal
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.edgecolor": GRAY,
    "axes.facecolor": PAPER,
    "figure.facecolor": PAPER,
    "axes.grid.axis": "y",
    "grid.color": GRID,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.parse_math": False,  # a class may be named $5
    "image.interpolation": "none",  # an SVG stores the original pixels, not enlarged ones
    "svg.hashsalt": "glassnet",  # the same plot gives the same file
}
_CLIP = re.compile(rb'<clipPath id="(\w+)"')
_CLIP_USED = re.compile(rb'(<clipPath id="|"url\(#)(\w+)')
house_style = mpl.rc_context(STYLE)  # decorates the functions that draw


def entitle(figure: Any, title: str) -> None:
    """Write the title above a figure or subfigure."""
    figure.suptitle(title, x=0.01, ha="left", weight="bold", size=10)


def percent(share: float) -> str:
    """Return a share as a short percentage."""
    return f"{share:.0%}" if share >= 0.01 or share == 0 else "<1%"


def write_figure(figure: Figure, path: Path, title: str = "", caption: str = "") -> None:
    """Write the figure as PNG or SVG, atomically, with title and caption as metadata."""
    kind = path.suffix.lower().lstrip(".")
    if kind not in ("png", "svg"):
        raise GlassnetError("the file name must end in .png or .svg.", where=str(path))
    write_whole(path, rendered(figure, kind, title, caption))


def rendered(figure: Figure, kind: str, title: str = "", caption: str = "") -> bytes:
    """Return the figure as the bytes of a "png" or "svg" file.

    Text in an SVG is drawn as outlines, the same everywhere. If DejaVu Sans lacks a glyph (Chinese,
    for example), the SVG contains text instead, for the reader's own fonts; a PNG is drawn with the
    fonts that are installed, and boxes appear if none has the glyph.
    """
    defaults = {"Date": None} if kind == "svg" else {"Software": "glassnet"}
    texts = {"Title": printable(title), "Description": printable(caption)}
    with mpl.rc_context(STYLE):  # ticks are created when they are first looked at
        _escape_controls(figure)
    metadata = defaults | {key: text for key, text in texts.items() if text}

    def saved(font_type: str) -> bytes:
        buffer = io.BytesIO()
        with mpl.rc_context({**STYLE, "svg.fonttype": font_type}):
            figure.savefig(buffer, format=kind, dpi=110, metadata=metadata)
        return _renumbered(buffer.getvalue()) if kind == "svg" else buffer.getvalue()

    with warnings.catch_warnings(record=True) as messages:
        warnings.simplefilter("always")
        outlined = saved("path")
        missing = any("missing from font" in str(m.message) for m in messages)
        if not missing:
            return outlined
        if kind == "svg":
            return saved("none")
        families = [STYLE["font.family"], *_installed()]
        for text in figure.findobj(Text):
            text.set_fontfamily(families)
        return saved("path")


def _installed() -> list[str]:
    """Return the installed ones of the fonts that have other scripts."""
    installed = {font.name for font in fontManager.ttflist}
    return [name for name in _OTHER_SCRIPTS if name in installed]


def _escape_controls(figure: Figure) -> None:
    """Replace control characters in all texts of the figure by escapes."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if isinstance(axis.get_major_formatter(), FixedFormatter | FuncFormatter):
                labels = [label.get_text() for label in axis.get_ticklabels()]
                if (escaped := [printable(label) for label in labels]) != labels:
                    axis.set_ticks(axis.get_ticklocs(), escaped)
    for text in figure.findobj(Text):
        if (escaped_text := printable(text.get_text())) != text.get_text():
            text.set_text(escaped_text)


def _renumbered(svg: bytes) -> bytes:
    """Return the SVG with its clip paths named by their order: Matplotlib names some by memory
    address, which differs between processes.
    """
    names = dict.fromkeys(_CLIP.findall(svg))
    numbers = {name: b"clip%d" % number for number, name in enumerate(names)}
    return _CLIP_USED.sub(lambda match: match[1] + numbers.get(match[2], match[2]), svg)
