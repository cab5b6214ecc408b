"""Readable names: printable text, with the joiners and spaces that scripts need."""

import unicodedata

_JOINERS = "\u200c\u200d\u00ad"  # in Persian and Hindi words and emoji families; soft hyphen


def is_readable(name: str) -> bool:
    """True for printable text, in which spaces of any width and joiners count as printable.

    Line breaks, escape codes and characters that change the direction of text do not.
    """
    return all(c.isprintable() or c in _JOINERS or unicodedata.category(c) == "Zs" for c in name)


def is_blank(name: str) -> bool:
    """True for text of spaces and joiners only."""
    return not "".join(c for c in name if c not in _JOINERS).strip()
