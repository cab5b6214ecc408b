"""Drawings for the page: SVG, with what they show in words."""

import re

from matplotlib.figure import Figure

from glassnet.model.diagram import Diagram
from glassnet.plots.style import rendered
from glassnet.report.figures.kinds import KINDS
from glassnet.report.html import Html, joined, picture, tag
from glassnet.runs.outputs import RunOutputs

_TAG = re.compile(r"<[^>]*>")
_NUMBER = re.compile(r"\b[1-9]\d*\.\d{3,}")  # of points; two decimals are enough
_ASKED, _NAMED = re.compile(r'(?:href="#|url\(#)([^")]+)'), re.compile(r' id="([^"]+)"')
_NAME = re.compile(r'((?:\bid="|href="#|url\(#))')


def drawn(outputs: RunOutputs, *names: str) -> Html:
    """The pictures of these kinds that can be drawn of this run, each with its caption."""
    return joined(
        *(
            picture(svg_of(kind.of(outputs), name), f"{kind.title}. {kind.caption}", kind.caption)
            for name in names
            if (kind := KINDS[name]).applies(outputs)
        )
    )


def pair(*parts: str) -> Html:
    """Parts beside each other where there is room."""
    return tag("div", *(tag("div", one) for one in parts if one), class_="pair")


def svg_of(drawing: Figure | Diagram, name: str) -> str:
    """A drawing as SVG, of which no part has a name that stands elsewhere on the page.

    Names begin with the drawing's own; those that nothing asks for are left out.
    """
    text = drawing.svg if isinstance(drawing, Diagram) else rendered(drawing, "svg").decode()
    text = text[text.index("<svg") :]
    asked = {found for tag in _TAG.findall(text) for found in _ASKED.findall(tag)}

    def renamed(found: re.Match[str]) -> str:
        tag = _NAMED.sub(lambda named: named[0] if named[1] in asked else "", found[0])
        tag = _NAME.sub(rf"\1{name}-", tag)
        return tag if isinstance(drawing, Diagram) else _NUMBER.sub(_short, tag)

    return _TAG.sub(renamed, text)  # what is written between the tags stays as it is


def _short(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")
