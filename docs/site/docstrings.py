"""Docstrings as they are written here: plain text with equations, lists and indented programs.

Each paragraph with an equation, and each indented one, keeps its lines; other text is filled.
"""

import dataclasses
import re
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_EQUATION = re.compile(r"\S   +\S| = .*[·√Σ−²/@→]|[←≤≥∝]|^\s*[\w\[\], ]+ = .*;|   $")
_GAP = re.compile(r"(?<=\S)   +(?=\S)")  # between an equation and the shapes in it
_SPECIAL = re.compile(r"([*|\\]|_(?=\W|$))")


def _paragraphs(lines: list[str]) -> Iterator[list[str]]:
    for blank, group in groupby(lines, key=lambda line: not line.strip()):
        if not blank:
            yield list(group)


def _filled(text: str) -> str:
    """Return text with code in single backticks as literals, and nothing else as markup."""
    parts = re.split(r"(`[^`]+`)", text)
    return "".join(
        f"`{part}`" if i % 2 else _SPECIAL.sub(r"\\\1", part) for i, part in enumerate(parts)
    )


def _converted(lines: list[str]) -> Iterator[str]:
    for paragraph in _paragraphs(lines):
        is_list = paragraph[0].startswith("- ")
        indented = paragraph[0].startswith(" ")
        if not is_list and (indented or any(map(_EQUATION.search, paragraph))):
            yield "::"
            yield ""
            for line in paragraph:
                yield from (f"    {part}" for part in _GAP.split(line))
        else:  # as one text: code may go over the end of a line
            yield from _filled("\n".join(paragraph)).split("\n")
        yield ""


def _convert(
    app: "Sphinx", what: str, name: str, thing: Any, options: Any, lines: list[str]
) -> None:
    lines[:] = _converted(lines)


def _default(field: dataclasses.Field[Any]) -> str:
    if field.default is not dataclasses.MISSING:
        return f"={field.default!r}"
    return "" if field.default_factory is dataclasses.MISSING else f"={field.default_factory()!r}"


def _signature(
    app: "Sphinx", what: str, name: str, thing: Any, options: Any, signature: Any, returns: Any
) -> tuple[str, None] | None:
    """Return the arguments of a layer, a loss, ...: their classes take any, to name wrong ones."""
    if what != "class" or not dataclasses.is_dataclass(thing) or "*" not in (signature or ""):
        return None
    fields = [field for field in dataclasses.fields(thing) if field.init]
    ordered = [f for f in fields if not f.kw_only]
    only = [f for f in fields if f.kw_only]
    texts = [f"{f.name}{_default(f)}" for f in ordered]
    texts += ["*", *(f"{f.name}{_default(f)}" for f in only)] if only else []
    return f"({', '.join(texts)})", None


def setup(app: "Sphinx") -> dict[str, bool]:
    """Convert each docstring before it is read as reStructuredText."""
    app.connect("autodoc-process-docstring", _convert)
    app.connect("autodoc-process-signature", _signature)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
