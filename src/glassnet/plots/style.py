"""The house style of all pictures, and how they become files."""

import io
import re
import warnings
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from glassnet.core.errors import GlassnetError
from glassnet.core.files import write_whole

# Okabe & Ito's colours, which all eyes tell apart; without the yellow, which white outshines.
BLUE, ORANGE, GREEN, PINK = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
SKY, AMBER, INK, GREY = "#56B4E9", "#E69F00", "#222222", "#767676"
COLOURS = (BLUE, ORANGE, GREEN, PINK, SKY, AMBER, INK)
MARKERS = "os^Dv*P"  # as many: shape and colour together tell 49 classes apart
WIDTH = 6.0  # inches: letters of 8 points can still be read where a telephone shows the picture
STYLE: Any = {  # matplotlib's stubs want each key as a literal
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.edgecolor": GREY,
    "axes.grid.axis": "y",
    "grid.color": "#E4E4E4",
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
    "image.interpolation": "none",  # an SVG holds the pixels as they are, not enlarged
    "svg.hashsalt": "glassnet",  # the same picture gives the same file
}
_CLIP = re.compile(rb'<clipPath id="(\w+)"')
_CLIP_USED = re.compile(rb'(<clipPath id="|"url\(#)(\w+)')
house_style = mpl.rc_context(STYLE)  # decorates what draws


def entitle(figure: Any, title: str) -> None:
    """Write the title over a figure, or over a part of one."""
    figure.suptitle(title, x=0.01, ha="left", weight="bold", size=10)


def percent(share: float) -> str:
    """A share in few letters."""
    return f"{share:.0%}" if share >= 0.01 or share == 0 else "<1%"


def write_figure(figure: Figure, path: Path, title: str = "", caption: str = "") -> None:
    """Write the picture as PNG or SVG, whole or not at all; the file says what it shows."""
    kind = path.suffix.lower().lstrip(".")
    if kind not in ("png", "svg"):
        raise GlassnetError("a picture's name ends in .png or .svg.", where=str(path))
    write_whole(path, rendered(figure, kind, title, caption))


def rendered(figure: Figure, kind: str, title: str = "", caption: str = "") -> bytes:
    """The picture as the bytes of a "png" or "svg" file.

    Letters are outlines, the same everywhere. Where DejaVu Sans lacks some, such as Chinese ones,
    an SVG holds texts instead, for the reader's own letters; in a PNG they are boxes.
    """
    own = {"Date": None} if kind == "svg" else {"Software": "glassnet"}
    said = {"Title": title, "Description": caption}
    metadata = own | {key: text for key, text in said.items() if text}

    def saved(letters: str) -> bytes:
        buffer = io.BytesIO()
        with mpl.rc_context({**STYLE, "svg.fonttype": letters}):
            figure.savefig(buffer, format=kind, dpi=110, metadata=metadata)
        return _renumbered(buffer.getvalue()) if kind == "svg" else buffer.getvalue()

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        made = saved("path")
        lacks = any("missing from font" in str(one.message) for one in told)
        return saved("none") if lacks and kind == "svg" else made


def _renumbered(svg: bytes) -> bytes:
    """The SVG with its clip paths named by their order: Matplotlib names some by their address in
    memory, which no two processes share.
    """
    names = dict.fromkeys(_CLIP.findall(svg))
    numbers = {name: b"clip%d" % number for number, name in enumerate(names)}
    return _CLIP_USED.sub(lambda found: found[1] + numbers.get(found[2], found[2]), svg)
