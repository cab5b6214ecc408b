"""What checks of tables share: the columns, and how messages name them."""

from typing import Any

from glassnet.doctor.subject import Subject
from glassnet.layers import Embedding

SAMPLE = 1000  # rows from which candidates are chosen; all rows then decide
_NAMED = 3  # additional columns named in a message


def raw_table(subject: Subject) -> Any:
    """Return the training inputs if they are a table of numbers as it is, else None.

    Columns of which features were made are checked when they are read: `data/checks`.
    """
    x = subject.train.x
    flat = not isinstance(x, tuple) and x.ndim == 2 and not subject.features
    return x if flat and not is_tokens(subject) and len(x) > 1 else None


def is_tokens(subject: Subject) -> bool:
    """True if the inputs are token ids."""
    return subject.first_trainable is not None and isinstance(subject.first_trainable[1], Embedding)


def place_of(subject: Subject, column: Any) -> str:
    """Return where a column of the training inputs is, for a message."""
    return f"{subject.train.name}: column {column}"


def and_more(columns: Any) -> str:
    """Return the part of a message that names the other affected columns."""
    named, rest = columns[1 : 1 + _NAMED], len(columns) - 1 - _NAMED
    text = f"; likewise column{'s' * (len(named) > 1)} {', '.join(map(str, named))}"
    return (text if len(named) else "") + (f" and {rest} more" if rest > 0 else "")
