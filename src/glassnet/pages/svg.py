"""Drawings as SVG elements of a page."""

import re

from matplotlib.figure import Figure

from glassnet.pages.html import Html, tag
from glassnet.plots.style import rendered

_TAG = re.compile(r"<[^>]*>")
_NUMBER = re.compile(r"\b[1-9]\d*\.\d{3,}")  # coordinates in points; two decimals are enough
_REFERENCE, _ID = re.compile(r'(?:href="#|url\(#)([^")]+)'), re.compile(r' id="([^"]+)"')
_ID_OR_REFERENCE = re.compile(r'((?:\bid="|href="#|url\(#))')


def side_by_side(*parts: str) -> Html:
    """The parts next to each other if the screen is wide enough."""
    return tag("div", *(tag("div", part) for part in parts if part), class_="pair")


def svg_of(drawing: Figure | str, name: str) -> str:
    """A figure, or an SVG, with ids that are unique on the page.

    The ids start with `name`; ids that nothing refers to are removed.
    """
    is_svg = isinstance(drawing, str)
    text = drawing if isinstance(drawing, str) else rendered(drawing, "svg").decode()
    text = text[text.index("<svg") :]
    references = {ref for tag in _TAG.findall(text) for ref in _REFERENCE.findall(tag)}

    def rewrite(match: re.Match[str]) -> str:
        tag = _ID.sub(lambda id: id[0] if id[1] in references else "", match[0])
        tag = _ID_OR_REFERENCE.sub(rf"\1{name}-", tag)
        return tag if is_svg else _NUMBER.sub(_rounded, tag)

    return _TAG.sub(rewrite, text)  # text between tags stays as it is


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")
