"""Messages on stderr, each on a line of its own, also while a progress bar is being drawn."""

import shutil
import sys


def say(message: str) -> None:
    """Print a message on stderr, in place of the line that the cursor of a terminal is on."""
    blank = "\r" + " " * (shutil.get_terminal_size().columns - 1) + "\r"
    sys.stderr.write((blank if sys.stderr.isatty() else "") + message + "\n")
    sys.stderr.flush()
