"""Text on terminals: escapes for what would control them, and messages on stderr.

Messages are on a line of their own, also while a progress bar is being drawn. Those that can't be
written, to a full disk or a closed pipe, are dropped: no training ends for want of a reader.
"""

import os
import re
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import suppress

# Control characters (Escape, carriage return, bell, ...) but line feed and tab; line and paragraph
# separators; marks and overrides of the direction of writing; halves of characters.
_CONTROLS = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str) -> str:
    r"""Return the text with control characters as escapes, such as \u001b.

    Text from outside, such as a path, a class name or a prediction's text, could otherwise move the
    cursor, hide what was printed before it, or reverse the order of what follows. The escapes are
    those of JSON, so JSON text keeps its meaning.
    """
    return _CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


_quiet = False  # True to print no progress


def set_quiet(value: bool) -> None:
    """Print only warnings, errors and results from now on, or everything."""
    global _quiet
    _quiet = value


def is_quiet() -> bool:
    """True if no progress is printed."""
    return _quiet


def say(message: str, always: bool = False) -> None:
    """Print a message on stderr, in place of the line that the cursor of a terminal is on.

    Progress is not printed if the user asked for quiet; warnings and errors are `always`.
    """
    if sys.stderr is None or (_quiet and not always):  # None in a program without a console
        return
    blank = "\r" + " " * (shutil.get_terminal_size().columns - 1) + "\r"
    with suppress(OSError):
        sys.stderr.write((blank if sys.stderr.isatty() else "") + printable(message) + "\n")
        sys.stderr.flush()


def open_closed_streams() -> None:
    """Connect closed streams to the null device.

    Otherwise the next file to be opened would take their place, and get what is printed.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8", closefd=False)


def discard_unwritable() -> None:
    """Discard what stdout and stderr can't write; else Python would fail again at its exit."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def paced(write: Callable[[str], None], seconds: float = 10.0) -> Callable[[str], None]:
    """Return a function that passes on a message, but at most one in this many seconds.

    Whatever takes minutes says with it how far it is, also in a pipe.
    """
    last = time.monotonic()

    def occasionally(message: str) -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            write(message)
            last = time.monotonic()

    return occasionally
