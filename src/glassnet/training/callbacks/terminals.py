"""Outputs for the progress of training: a terminal, a notebook, or a file.

Terminals and files have permanent rows, and terminals a live line below them, which is redrawn; a
notebook has one line for all. A line is a list of parts; a terminal shows the first ones, as many
as fit into its width.
"""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import StringIO
from typing import Any, TextIO

from glassnet.core.terminal import is_quiet

BAR = 20  # characters


class Plain:
    """A file or a pipe, with rows only."""

    live = False  # True if it has a live line

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def row(self, parts: Sequence[str]) -> None:
        """Add a permanent line, in place of the live line."""
        with suppress(OSError):  # a full disk or a closed pipe must not end a training
            self.stream.write("  ".join(parts) + "\n")
            self.stream.flush()

    def draw(self, done: float, parts: Sequence[str]) -> None:
        """Draw the live line: a bar, filled to this share, and the parts."""

    def wipe(self) -> None:
        """Remove the live line."""


class Terminal:
    """A terminal, drawn by rich, but without its `Live`, which hides the cursor until it stops.

    Here the cursor remains visible, at the start of the live line, so nothing has to be restored if
    the process is killed. `wipe` removes the line when a training ends, also by an error.
    """

    live = True

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.control import Control
        from rich.segment import ControlType

        self._console = Console(file=stream, force_terminal=True)
        self._erase = Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2))

    def row(self, parts: Sequence[str]) -> None:
        self._print(self._fitting(parts))

    def draw(self, done: float, parts: Sequence[str]) -> None:
        from rich.control import Control
        from rich.progress_bar import ProgressBar

        bar = ProgressBar(total=1, completed=done, width=BAR)  # shorter if there are no colors
        text = self._fitting(["", *parts], BAR)
        self._print(bar, Control.move_to_column(BAR), text, end="\r")

    def wipe(self) -> None:
        self._print(end="")

    def _print(self, *objects: Any, end: str = "\n") -> None:
        with suppress(OSError):  # the terminal was closed
            self._console.print(self._erase, *objects, end=end, highlight=False, no_wrap=True)

    def _fitting(self, parts: Sequence[str], column: int = 0) -> Any:
        """Return as many of the parts as fit into the line from this column on."""
        from rich.text import Text

        room = self._console.width - column - 1  # a wrapped line could not be erased
        line, *rest = parts
        for part in rest:
            if len(line) + 2 + len(part) > room:
                break
            line += f"  {part}"
        coding = self._console.encoding  # text that it can't encode must not end a training
        return Text(line[:room].encode(coding, "replace").decode(coding))


class Notebook:
    """One line of a notebook cell's output, which is updated: the newest row, or the live line.

    The earlier rows are in the `History` that `fit` returns, which shows them as a table.
    """

    live = True

    def __init__(self) -> None:
        self._row = ""
        self._handle: Any = None

    def row(self, parts: Sequence[str]) -> None:
        self._row = "  ".join(parts)
        self.wipe()

    def draw(self, done: float, parts: Sequence[str]) -> None:
        self._show("  ".join([f"{'━' * round(BAR * done):─<{BAR}}", *parts]))

    def wipe(self) -> None:
        self._show(self._row)

    def _show(self, line: str) -> None:
        from IPython.display import display

        output = {"text/plain": line}
        if self._handle is None:
            self._handle = display(output, raw=True, display_id=True)
        else:
            self._handle.update(output, raw=True)


Surface = Plain | Terminal | Notebook


def surface(live: bool = True) -> Surface:
    """Return the output for progress of this process; in a notebook, one line if `live`."""
    if in_notebook():
        return Notebook() if live else Plain(sys.stdout)
    if sys.stderr is None or is_quiet():  # None in a program without a console
        return Plain(StringIO())
    live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return Terminal(sys.stderr) if live else Plain(sys.stderr)


def in_notebook() -> bool:
    """True if a Jupyter kernel runs this process; tested without importing anything."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None
