"""A run's plots as SVG elements of the page, each with a text alternative."""

import re

from matplotlib.figure import Figure

from glassnet.model.diagram import Diagram
from glassnet.plots.style import rendered
from glassnet.report.figures.kinds import KINDS
from glassnet.report.html import Html, figure, join, tag
from glassnet.runs.outputs import RunOutputs

_TAG = re.compile(r"<[^>]*>")
_NUMBER = re.compile(r"\b[1-9]\d*\.\d{3,}")  # coordinates in points; two decimals are enough
_REFERENCE, _ID = re.compile(r'(?:href="#|url\(#)([^")]+)'), re.compile(r' id="([^"]+)"')
_ID_OR_REFERENCE = re.compile(r'((?:\bid="|href="#|url\(#))')


def plots(outputs: RunOutputs, *names: str) -> Html:
    """The plots of these kinds that the run allows, each with its caption."""
    return join(
        *(
            figure(svg_of(kind.of(outputs), name), f"{kind.title}. {kind.caption}", kind.caption)
            for name in names
            if (kind := KINDS[name]).applies(outputs)
        )
    )


def side_by_side(*parts: str) -> Html:
    """The parts next to each other if the screen is wide enough."""
    return tag("div", *(tag("div", part) for part in parts if part), class_="pair")


def svg_of(drawing: Figure | Diagram, name: str) -> str:
    """A drawing as SVG with ids that are unique on the page.

    The ids start with `name`; ids that nothing refers to are removed.
    """
    text = drawing.svg if isinstance(drawing, Diagram) else rendered(drawing, "svg").decode()
    text = text[text.index("<svg") :]
    references = {ref for tag in _TAG.findall(text) for ref in _REFERENCE.findall(tag)}

    def rewrite(match: re.Match[str]) -> str:
        tag = _ID.sub(lambda id: id[0] if id[1] in references else "", match[0])
        tag = _ID_OR_REFERENCE.sub(rf"\1{name}-", tag)
        return tag if isinstance(drawing, Diagram) else _NUMBER.sub(_rounded, tag)

    return _TAG.sub(rewrite, text)  # text between tags stays as it is


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")
