"""Drawings as SVG elements of a page."""

import re

from matplotlib.figure import Figure

from glassnet.pages.html import Html, tag
from glassnet.plots.colors import TOKENS, tint
from glassnet.plots.style import rendered

_TAG = re.compile(r"<[^>]*>")
_NUMBER = re.compile(r"\b[1-9]\d*\.\d{3,}")  # coordinates in points; two decimals are enough
_REFERENCE, _ID = re.compile(r'(?:href="#|url\(#)([^")]+)'), re.compile(r' id="([^"]+)"')
_ID_OR_REFERENCE = re.compile(r'((?:\bid="|href="#|url\(#))')
_COLOR = re.compile(r"#[0-9a-fA-F]{6}\b")
_PAINT = re.compile(r' (fill|stroke)="(#[0-9a-fA-F]{6})"')
_VARIABLES = {color.lower(): f"var(--{name})" for name, color in TOKENS.items()} | {
    tint(TOKENS[name]).lower(): f"color-mix(in srgb, var(--{name}) 12%, var(--paper))"
    for name in ("blue", "orange", "green", "gray")
}


def side_by_side(*parts: str) -> Html:
    """The parts next to each other if the screen is wide enough."""
    return tag("div", *(tag("div", part) for part in parts if part), class_="pair")


def svg_of(drawing: Figure | str, name: str) -> str:
    """A figure, or an SVG, with ids that are unique on the page and the page's colors.

    The ids start with `name`; ids that nothing refers to are removed. Colors that have a variable
    in the page's style become it, so that they are right in light and in dark mode.
    """
    is_svg = isinstance(drawing, str)
    text = drawing if isinstance(drawing, str) else rendered(drawing, "svg").decode()
    text = text[text.index("<svg") :]
    references = {ref for tag in _TAG.findall(text) for ref in _REFERENCE.findall(tag)}

    def rewrite(match: re.Match[str]) -> str:
        tag = _ID.sub(lambda id: id[0] if id[1] in references else "", match[0])
        tag = _ID_OR_REFERENCE.sub(rf"\1{name}-", tag)
        tag = _recolored(tag)
        return tag if is_svg else _NUMBER.sub(_rounded, tag)

    return _TAG.sub(rewrite, text)  # text between tags stays as it is


def _recolored(tag: str) -> str:
    """The tag with variables for colors: attributes can't have them, so they become a style."""
    paints = [f"{paint}: {color}" for paint, color in _PAINT.findall(tag)]
    if paints and " style=" not in tag:
        tag = _PAINT.sub("", tag)
        end = -2 if tag.endswith("/>") else -1
        tag = f'{tag[:end]} style="{"; ".join(paints)}"{tag[end:]}'
    if " style=" not in tag:
        return tag
    return _COLOR.sub(lambda color: _VARIABLES.get(color[0].lower(), color[0]), tag)


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")
