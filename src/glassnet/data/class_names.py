"""Checks of labels that are names: missing ones, and names that are probably one class."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence

from glassnet.core.doubts import doubt
from glassnet.core.errors import GlassnetError

_MISSING = {"", "nan", "-nan", "nat", "<na>", "#n/a", "#na"}  # written by programs, never names
_PERHAPS = {"na", "n/a", "none", "null"}
_SHOWN = 5  # row numbers in a message


def are_numbers(names: Sequence[str]) -> bool:
    """True for the names 0, 1, 2, ... of classes without names of their own, and for none."""
    return [*names] == numbers(len(names))


def numbers(count: int) -> list[str]:
    """Return the names of classes that have no names of their own: 0, 1, 2, ..."""
    return [str(number) for number in range(count)]


def same_names(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the groups of names that differ only by case, spaces or Unicode form, or as numbers:
    1, 1.0 and 01.
    """
    groups: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        groups.setdefault(_plain(name), []).append(name)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def same_names_text(names: Iterable[str]) -> str:
    """Return one sentence on each group of `same_names`; the empty text if there is none."""
    return groups_text(same_names(names), "classes")


def groups_text(groups: Iterable[Sequence[str]], what: str) -> str:
    """Return one sentence on each group of names that are probably one of `what` they are."""
    return " ".join(
        f"{_quoted(group)} {_sameness(group)}, but are {len(group)} {what}." for group in groups
    )


def same_name_hint(name: str, names: Iterable[str]) -> str:
    """Return a question that names the one of `names` that looks like `name`, or the empty text."""
    alike = next((other for other in names if same_names((name, other))), None)
    if alike is None:
        return ""
    return f"Did you mean {_form((alike, name))(alike)}? "


def warn_of_same_names(names: Iterable[str], where: str) -> None:
    """Doubt class names that are probably one class."""
    if text := same_names_text(names):
        doubt(text, where, "If they are one class, write them in one way.")


def is_missing(label: str) -> bool:
    """Return whether a label is empty, or what programs write for a missing value."""
    return label.strip().lower() in _MISSING


def require_labels(
    labels: Sequence[str], rows: Sequence[int], where: str, row: str = "row", what: str = "label"
) -> None:
    """Raise, naming the rows, if labels are missing; doubt names that may stand for missing ones.

    `rows` are the numbers of the labels' rows, and `row` is what they count: "row" or "line".
    """
    missing = [number for number, label in zip(rows, labels, strict=True) if is_missing(label)]
    if missing:
        label = next(label.strip() for label in labels if is_missing(label))
        problem = f"{label!r}, a missing value" if label else "empty"
        raise GlassnetError(
            f"the {what} is {problem}{_and_more(missing, row)}.",
            where=f"{where}: {row} {missing[0]}",
            fix="Fill it in, or remove the row.",
        )
    for name in sorted({label for label in set(labels) if label.strip().lower() in _PERHAPS}):
        numbers = [number for number, label in zip(rows, labels, strict=True) if label == name]
        doubt(
            f"the {what} is {name!r}, which is a class, but reads like a missing value"
            f"{_and_more(numbers, row)}.",
            f"{where}: {row} {numbers[0]}",
            "If it is one, fill it in, or remove the row.",
        )


def _and_more(rows: Sequence[int], row: str) -> str:
    """Return the part of a message that names the other rows."""
    if len(rows) < 2:
        return ""
    shown = ", ".join(map(str, rows[1 : 1 + _SHOWN]))
    rest = f" and {len(rows) - 1 - _SHOWN:,} more" if len(rows) > 1 + _SHOWN else ""
    return f"; likewise {row}{'s' * (len(rows) > 2)} {shown}{rest}"


def _plain(name: str) -> str:
    """Return the name without distinction of case, spaces, invisible characters and forms."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    visible = (c for c in text if unicodedata.category(c) != "Cf")
    return _without_zeros(" ".join("".join(visible).split()))


def _without_zeros(name: str) -> str:
    """Return a number without the zeros that don't change it, and other names unchanged."""
    if (match := re.fullmatch(r"([+-]?)0*(\d+)(?:\.(\d*))?", name)) is None:
        return name
    sign, digits, decimals = match.groups(default="")
    return f"{sign.strip('+')}{digits}.{decimals.rstrip('0')}".rstrip(".")


def _sameness(names: Sequence[str]) -> str:
    numbers = all(re.fullmatch(r"[+-]?[\d.]+", name) for name in names)
    return "are one number" if numbers else "differ only by case, spaces or Unicode form"


def _quoted(names: Sequence[str]) -> str:
    return " and ".join(map(_form(names), names))


def _form(names: Sequence[str]) -> Callable[[str], str]:
    """Return how to quote the names: with escapes if they would look the same."""
    forms = {unicodedata.normalize("NFKC", name).strip() for name in names}
    return repr if len(forms) == len(names) else ascii
