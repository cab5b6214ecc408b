"""HTML, built so that no text that is shown can be taken for markup."""

import re
from collections.abc import Sequence
from html import escape


class Html(str):
    """Text that is markup already."""


def tag(name: str, *children: str, **attributes: object) -> Html:
    """An element; texts in it are escaped. `class_` gives class, `aria_label` aria-label."""
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{said}>{joined(*children)}</{name}>")


def joined(*parts: str) -> Html:
    """Parts after each other, texts escaped."""
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in parts))


def section(title: str, *children: str, level: int = 2) -> Html:
    """A part of the page with its heading, by which it is linked and read out."""
    name = re.sub(r"\W+", "-", title.lower()).strip("-")
    heading = tag(f"h{level}", title, id=name)
    return tag("section", heading, *children, aria_labelledby=name)


def data_table(caption: str, rows: Sequence[Sequence[str]], align: str) -> Html:
    """A table whose first row is the heading and first column names its rows.

    `align` has '<' or '>' for each column. On a narrow screen it scrolls by itself, also with keys.
    """
    sides = [{"<": None, ">": "number"}[side] for side in align]

    def row(cells: Sequence[str], first: str, rest: str, scope: str) -> Html:
        made = [tag(first, cells[0], class_=sides[0], scope=scope)]
        more = {"scope": scope} if rest == "th" else {}
        made += [
            tag(rest, cell, class_=side, **more)
            for cell, side in zip(cells[1:], sides[1:], strict=True)
        ]
        return tag("tr", *made)

    head, *body = rows
    table = tag(
        "table",
        tag("caption", caption),
        tag("thead", row(head, "th", "th", "col")),
        tag("tbody", *(row(cells, "th", "td", "row") for cells in body)),
    )
    return tag("div", table, class_="scroll", tabindex=0, role="region", aria_label=caption)


def picture(svg: str, alt: str, caption: str = "") -> Html:
    """A drawing with what it shows in words, for who can't see it."""
    start = svg.index("<svg")
    head, rest = svg[start + len("<svg") :].split(">", 1)
    head = head.replace(' role="img"', "")
    drawn = Html(f'<svg role="img" aria-label="{escape(alt)}"{head}>{rest}')
    said = [tag("figcaption", caption)] if caption else []
    return tag("figure", drawn, *said)


def facts(pairs: Sequence[tuple[str, str]]) -> Html:
    """Names and what they are."""
    return tag("dl", *(joined(tag("dt", name), tag("dd", value)) for name, value in pairs))


def bullets(lines: Sequence[str]) -> Html:
    """A list."""
    return tag("ul", *(tag("li", line) for line in lines))
