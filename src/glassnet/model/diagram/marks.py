"""The SVG elements of a diagram: boxes around lines of text, wires, frames."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from glassnet.plots.colors import FAINT, GRAY, GREEN, INK, tint

FONT = "DejaVu Sans, Verdana, Arial, sans-serif"
SIZE, LINE, PAD = 12, 16, 9  # font size, line height, padding
Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """A line of text in a box."""

    text: str
    bold: bool = False
    color: str = INK


def text_width(text: str, bold: bool = False) -> float:
    """Return the width that a text needs in DejaVu Sans, the widest of the fonts."""
    total = 0.0
    for c in text:
        if unicodedata.east_asian_width(c) in "WF":
            total += 1.05
        elif c in "mwMWQO@%×→—":
            total += 0.98
        elif c in "il.,:;|'!()[] jftrI-/":
            total += 0.42
        else:
            total += 0.72 if c.isupper() else 0.65
    return total * SIZE * (1.12 if bold else 1.0)


def box(
    lines: Sequence[Line],
    color: str,
    path: str,
    weights: int,
    shared: bool = False,
    pill: bool = False,
) -> tuple[float, float, str]:
    """Return (width, height, SVG) of a box around lines of text, its corner at (0, 0)."""
    width = max(text_width(line.text, line.bold) for line in lines) + 2 * PAD
    height = len(lines) * LINE + PAD
    radius = height / 2 if pill else 5
    width = max(width + (radius if pill else 0), 56)
    dash = ' stroke-dasharray="4 3"' if shared else ""
    rect = (
        f'<rect width="{width:.1f}" height="{height:.1f}" rx="{radius:.1f}" fill="{tint(color)}" '
        f'stroke="{color}"{dash}/>'
    )
    texts = "".join(
        f'<text x="{width / 2:.1f}" y="{(i + 1) * LINE:.1f}" fill="{line.color}" '
        f'font-weight="{700 if line.bold else 400}">{escape(line.text)}</text>'
        for i, line in enumerate(lines)
    )
    kind = "end" if pill else "layer"
    attributes = f'class="{kind}" data-weights="{weights}" data-path={quoteattr(path)}'
    return width, height, f"<g {attributes}>{rect}{texts}</g>"


def joint(sign: str) -> tuple[float, float, str]:
    """Return (width, height, SVG) of the point where branches are merged."""
    width = max(22.0, text_width(sign) + PAD)
    rect = f'<rect width="{width:.1f}" height="22" rx="11" fill="{tint(GREEN)}" stroke="{GREEN}"/>'
    text = f'<text x="{width / 2:.1f}" y="15.5" fill="{INK}">{escape(sign)}</text>'
    return width, 22, rect + text


def frame(width: float, height: float, title: str) -> str:
    """Return the SVG of a frame around a nested network, with its title in the upper left."""
    return (
        f'<rect width="{width:.1f}" height="{height:.1f}" rx="7" fill="none" stroke="{FAINT}"/>'
        f'<text x="{PAD}" y="{LINE}" fill="{GRAY}" text-anchor="start">{escape(title)}</text>'
    )


def wire(start: str, end: str, points: Sequence[Point], head: bool = True) -> str:
    """Return the SVG of a line through the points, vertical at both ends."""
    (x, y), *rest = points
    d = [f"M{x:.1f} {y:.1f}"]
    for nx, ny in rest:
        if abs(nx - x) + abs(ny - y) < 0.5:
            continue
        if abs(nx - x) < 2:
            d.append(f"L{nx:.1f} {ny:.1f}")
        else:
            middle = (y + ny) / 2
            d.append(f"C{x:.1f} {middle:.1f} {nx:.1f} {middle:.1f} {nx:.1f} {ny:.1f}")
        x, y = nx, ny
    tip = ' marker-end="url(#network-tip)"' if head else ""
    ends = f"data-from={quoteattr(start)} data-to={quoteattr(end)}"
    return f'<path class="wire" {ends} d="{"".join(d)}" fill="none" stroke="{GRAY}"{tip}/>'


def translate(x: float, y: float, marks: str) -> str:
    """Return the SVG shifted by x to the right and by y down."""
    return f'<g transform="translate({x:.1f} {y:.1f})">{marks}</g>'
