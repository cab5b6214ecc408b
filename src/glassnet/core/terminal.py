"""Messages on stderr, each on a line of its own, also while a progress bar is being drawn.

Messages that can't be written, to a full disk or a closed pipe, are dropped: no training ends for
want of a reader.
"""

import os
import shutil
import sys
from contextlib import suppress


def say(message: str) -> None:
    """Print a message on stderr, in place of the line that the cursor of a terminal is on."""
    if sys.stderr is None:  # a program without a console
        return
    blank = "\r" + " " * (shutil.get_terminal_size().columns - 1) + "\r"
    with suppress(OSError):
        sys.stderr.write((blank if sys.stderr.isatty() else "") + message + "\n")
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
