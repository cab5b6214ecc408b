"""Drawings for the page: SVG that follows its light or dark, with what they show in words."""

import io
import re

import matplotlib as mpl
from matplotlib.figure import Figure

from glassnet.drawing.kinds import KINDS
from glassnet.evaluate.plots.style import INK, STYLE
from glassnet.inference import Inference
from glassnet.report.html import Html, joined, picture, tag

_NUMBER = re.compile(r"\b[1-9]\d*\.\d{3,}")  # of points; two decimals are enough


def drawn(said: Inference, *names: str) -> Html:
    """The pictures of these kinds that can be drawn of this run, each with its caption."""
    found = (KINDS[name] for name in names)
    return joined(
        *(
            picture(svg_of(kind.of(said)), f"{kind.title}. {kind.caption}", kind.caption)
            for kind in found
            if kind.applies(said)
        )
    )


def pair(*pictures: str) -> Html:
    """Pictures beside each other where there is room."""
    return tag("div", *(one for one in pictures if one), class_="pair")


def svg_of(drawing: Figure | str) -> str:
    """A drawing as SVG without a ground of its own, its ink that of the page."""
    if isinstance(drawing, str):
        return drawing
    buffer = io.StringIO()
    with mpl.rc_context(STYLE):
        drawing.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :].replace(INK, "currentColor")
    return _NUMBER.sub(lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), text)
