"""What checks of tables share: the columns, and how messages name them."""

from typing import Any

from glassnet.doctor.subject import Subject
from glassnet.layers import Embedding

SAMPLE = 1000  # rows from which candidates are chosen; all rows then decide
_NAMED = 3  # additional columns named in a message


def raw_table(subject: Subject) -> Any:
    """Return the training inputs if they are a table as it is, else None.

    The raw columns of a table of which features were made are checked when they are read.
    """
    return None if subject.features else table(subject)


def table(subject: Subject) -> Any:
    """Return the training inputs if they are a table, or the features of one; else None."""
    x = subject.train.x
    flat = not isinstance(x, tuple) and x.ndim == 2
    return x if flat and not is_tokens(subject) and len(x) > 1 else None


def is_tokens(subject: Subject) -> bool:
    """True if the inputs are token ids."""
    return subject.first_trainable is not None and isinstance(subject.first_trainable[1], Embedding)


def place_of(column: Any, subject: Subject) -> str:
    """Return where a column of the training inputs is, for a message."""
    if subject.features:
        return f"{subject.source}: column {subject.features[column]!r}"
    return f"{subject.train.name}: column {column}"


def and_more(columns: Any, features: tuple[str, ...] = ()) -> str:
    """Return the part of a message that names the other affected columns."""
    named, rest = columns[1 : 1 + _NAMED], len(columns) - 1 - _NAMED
    names = [repr(features[column]) if features else str(column) for column in named]
    text = f"; likewise column{'s' * (len(names) > 1)} {', '.join(names)}" if names else ""
    return text + (f" and {rest} more" if rest > 0 else "")
