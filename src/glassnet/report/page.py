"""The whole page: its head, its way about, its parts. It asks nothing of any network."""

import re
from collections.abc import Sequence
from importlib.resources import files

from glassnet import __version__
from glassnet.report.html import Html, joined, tag

_HEADING = re.compile(r'<h2 id="([^"]+)">(.*?)</h2>')


def page(title: str, opening: Sequence[str], sections: Sequence[Html]) -> str:
    """One self-contained HTML file."""
    style = (files(__package__) / "look.css").read_text(encoding="utf-8")
    links = [_HEADING.search(part) for part in sections]
    contents = tag(
        "nav",
        tag(
            "ul",
            *(tag("li", tag("a", Html(link[2]), href=f"#{link[1]}")) for link in links if link),
        ),
        aria_label="Contents",
    )
    head = joined(
        Html('<meta charset="utf-8">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        # Whatever a class may be named: nothing is fetched, and nothing runs.
        Html(
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
            "img-src data:; style-src 'unsafe-inline'\">"
        ),
        Html('<link rel="icon" href="data:,">'),
        tag("title", title),
        Html(f"<style>\n{style}</style>"),
    )
    body = joined(
        tag("a", "To the results", href="#main", class_="skip"),
        tag("header", tag("h1", title), *opening, contents),
        tag("main", *sections, id="main", tabindex=-1),
        tag("footer", tag("p", f"Made by glassnet {__version__}.", class_="soft")),
    )
    whole = tag("html", tag("head", head), tag("body", body), lang="en")
    return f"<!doctype html>\n{whole}\n"
