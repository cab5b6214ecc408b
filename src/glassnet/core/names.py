"""Names: which are readable, and which are generated for parts that have none of their own."""

import re
import unicodedata

_JOINERS = "\u200c\u200d\u00ad"  # in Persian and Hindi words and emoji families; soft hyphen


class GeneratedName(str):
    """The name of a part that has none of its own, as in Keras: "dense_1"."""


def is_readable(name: str) -> bool:
    """True for printable text, in which spaces of any width and joiners count as printable.

    Line breaks, escape codes and characters that change the direction of text do not.
    """
    return all(c.isprintable() or c in _JOINERS or unicodedata.category(c) == "Zs" for c in name)


def is_blank(name: str) -> bool:
    """True for text of spaces and joiners only."""
    return not "".join(c for c in name if c not in _JOINERS).strip()


def snake_case(name: str) -> str:
    """Return `conv2d_transpose` for `Conv2DTranspose`, as Keras does."""
    name = re.sub(r"\W+", "", name)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()
