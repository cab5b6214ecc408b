"""Drawings for the page: SVG, with what they show in words."""

import io
import re

import matplotlib as mpl
from matplotlib.figure import Figure

from glassnet.drawing.kinds import KINDS
from glassnet.evaluate.plots.style import STYLE
from glassnet.inference import Inference
from glassnet.report.html import Html, joined, picture, tag

_NUMBER = re.compile(r"\b[1-9]\d*\.\d{3,}")  # of points; two decimals are enough
_ASKED, _NAMED = re.compile(r'(?:href="#|url\(#)([^")]+)'), re.compile(r' id="([^"]+)"')
_NAME = re.compile(r'((?:\bid="|href="#|url\(#))')


def drawn(said: Inference, *names: str) -> Html:
    """The pictures of these kinds that can be drawn of this run, each with its caption."""
    return joined(
        *(
            picture(svg_of(kind.of(said), name), f"{kind.title}. {kind.caption}", kind.caption)
            for name in names
            if (kind := KINDS[name]).applies(said)
        )
    )


def pair(*parts: str) -> Html:
    """Parts beside each other where there is room."""
    return tag("div", *(tag("div", one) for one in parts if one), class_="pair")


def svg_of(drawing: Figure | str, name: str) -> str:
    """A drawing as SVG, of which no part has a name that stands elsewhere on the page.

    Names begin with the drawing's own; those that nothing asks for are left out.
    """
    if not isinstance(drawing, str):
        buffer = io.StringIO()
        with mpl.rc_context(STYLE):
            drawing.savefig(buffer, format="svg", metadata={"Date": None})
        drawing = _NUMBER.sub(_short, buffer.getvalue())
    drawing = drawing[drawing.index("<svg") :]
    asked = set(_ASKED.findall(drawing))
    drawing = _NAMED.sub(lambda found: found[0] if found[1] in asked else "", drawing)
    return _NAME.sub(rf"\1{name}-", drawing)


def _short(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")
