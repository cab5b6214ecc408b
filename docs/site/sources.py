"""Lines of source in a page: a link to a file of source, alone on its line, becomes these lines.

The link's text is their first and last line, or how these begin: [`y = x` … `return y`](file.py).
Where a page is read as it is, the link leads to the file.
"""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

LINES = re.compile(r"^\[`([^`\n]+)`(?: … `([^`\n]+)`)?\]\((\S+\.py)\)$", flags=re.M)


def _block(match: re.Match[str]) -> str:
    first, last, file = match.groups()
    name = file.split("src/")[-1]
    return "\n".join([
        f"```{{literalinclude}} {file}", ":language: python", f":caption: '[{name}]({file})'",
        f":start-at: '{first}'", f":end-at: '{last or first}'", ":dedent:", "```",
    ])  # fmt: skip


def _include(app: "Sphinx", page: str, source: list[str]) -> None:
    source[0] = LINES.sub(_block, source[0])


def setup(app: "Sphinx") -> dict[str, bool]:
    """Include the lines before links are rewritten."""
    app.connect("source-read", _include, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
