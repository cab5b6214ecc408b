"""What an object shows in a notebook: HTML in the one look, right in light and in dark themes.

It has no page around it, so it brings its style: the colors of `style.css`, the rules of
`notebook.css`. Where the theme is dark is known from the attributes that JupyterLab, VS Code, Colab
and Sphinx set; the system's setting would be wrong in a light notebook on a dark system.
"""

import hashlib
import re
from functools import cache
from importlib.resources import files

from matplotlib.figure import Figure

from glassnet.pages.html import Html, figure, tag
from glassnet.pages.svg import svg_of

_DARK = (
    '[data-jp-theme-light="false"]', ".vscode-dark", 'html[theme="dark"]', '[data-theme="dark"]',
)  # fmt: skip


def shown(title: str, *parts: str) -> str:
    """The output of a notebook cell; empty parts take no space."""
    heading = tag("p", title, class_="title") if title else ""
    return tag("div", _style(), heading, *parts, class_="glassnet")


def drawn(drawing: Figure | str, alt: str, caption: str = "") -> Html:
    """A figure, or an SVG, with ids that no different output of the notebook has."""
    svg = svg_of(drawing, "g")
    name = f"g{hashlib.sha256(svg.encode()).hexdigest()[:8]}"  # an id begins with a letter
    return figure(svg_of(svg, name), alt, caption)


def light_and_dark() -> tuple[str, str]:
    """Return the variables of `style.css` in light and in dark mode, as CSS."""
    style = (files(__package__) / "style.css").read_text(encoding="utf-8")
    light, dark, _ = re.findall(r":root \{(.*?)\}", style, re.S)  # the last is for print
    return light, dark


@cache
def _style() -> Html:
    blocks = light_and_dark()
    colors = [" ".join(re.findall(r"--(?!paper)\w+: [^;]+;", block)) for block in blocks]
    rules = (files(__package__) / "notebook.css").read_text(encoding="utf-8").partition("*/\n")[2]
    selectors = ", ".join(f"{where} .glassnet" for where in _DARK)
    return Html(
        f"<style>\n.glassnet {{ {colors[0]} }}\n{selectors} {{ {colors[1]} }}\n{rules}</style>"
    )
