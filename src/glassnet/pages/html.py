"""HTML elements, built so that text can never be taken for markup."""

import base64
import re
from collections.abc import Sequence
from html import escape as escape_markup

from glassnet.core.terminal import printable


class Html(str):
    """Text that is already markup."""


def escape(text: str) -> str:
    """Return the text with markup and control characters as escapes."""
    return escape_markup(printable(text))


def tag(name: str, *children: str, **attributes: object) -> Html:
    """An element; text in it is escaped. `class_` sets class, `aria_label` sets aria-label."""
    markup = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{markup}>{join(*children)}</{name}>")


def join(*parts: str) -> Html:
    """The parts one after another; text is escaped."""
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in parts))


def section(title: str, *children: str, level: int = 2) -> Html:
    """A section whose heading is the target of links and the section's accessible name."""
    name = re.sub(r"\W+", "-", title.lower()).strip("-")
    heading = tag(f"h{level}", title, id=name)
    return tag("section", heading, *children, aria_labelledby=name)


def data_table(caption: str, rows: Sequence[Sequence[str]], align: str) -> Html:
    """A table; its first row is the heading, and the first column holds the row names.

    `align` has '<' or '>' for each column. On narrow screens the table scrolls by itself, with the
    keyboard too.
    """
    classes = [{"<": None, ">": "number"}[side] for side in align]

    def row(cells: Sequence[str], scopes: Sequence[str | None]) -> Html:
        """A row; the cells with a scope are headings of their row or column."""
        return tag(
            "tr",
            *(
                tag("th" if scope else "td", cell, class_=class_, scope=scope)
                for cell, class_, scope in zip(cells, classes, scopes, strict=True)
            ),
        )

    head, *body = rows
    others = [None] * (len(align) - 1)
    table = tag(
        "table",
        tag("caption", caption),
        tag("thead", row(head, ["col"] * len(align))),
        tag("tbody", *(row(cells, ["row", *others]) for cells in body)),
    )
    return tag("div", table, class_="scroll", tabindex=0, role="region", aria_label=caption)


def figure(svg: str, alt: str, caption: str = "") -> Html:
    """A drawing with a text alternative for screen readers."""
    start = svg.index("<svg")
    head, rest = svg[start + len("<svg") :].split(">", 1)
    head = head.replace(' role="img"', "")
    drawing = Html(f'<svg role="img" aria-label="{escape(alt)}"{head}>{rest}')
    captions = [tag("figcaption", caption)] if caption else []
    return tag("figure", drawing, *captions)


def picture(png: bytes, alt: str) -> Html:
    """An image with a text alternative for screen readers."""
    data = base64.b64encode(png).decode()
    return Html(f'<img src="data:image/png;base64,{data}" alt="{escape(alt)}">')


def pictures(items: Sequence[Html], label: str) -> Html:
    """Pictures with what is written under them, as many in a row as there is room for."""
    return tag("ul", *(tag("li", item) for item in items), class_="pictures", aria_label=label)


def definitions(pairs: Sequence[tuple[str, str]]) -> Html:
    """A description list of (term, description) pairs."""
    return tag("dl", *(join(tag("dt", name), tag("dd", value)) for name, value in pairs))


def numbers(items: Sequence[tuple[str, str, str]]) -> Html:
    """The most important numbers, large: (name, value, note)."""
    cells = (
        tag("div", tag("dt", name), tag("dd", value, tag("small", note) if note else ""))
        for name, value, note in items
    )
    return tag("dl", *cells, class_="numbers")


def bullets(lines: Sequence[str]) -> Html:
    """A bulleted list."""
    return tag("ul", *(tag("li", line) for line in lines))
