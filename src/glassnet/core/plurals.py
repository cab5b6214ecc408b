"""Numbers with their noun, in the singular or the plural, and lists in words."""

from collections.abc import Sequence


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return "1 row", "2 rows"; `plural` is for nouns that don't just take an s."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def are(number: int) -> str:
    """Return "is" or "are"."""
    return "is" if number == 1 else "are"


def listed(words: Sequence[str]) -> str:
    """Return "a", "a and b", "a, b and c"."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def first_of(names: Sequence[str], most: int = 3) -> str:
    """Return "a, b, c and 5 more": the first of the names, and how many others there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"
