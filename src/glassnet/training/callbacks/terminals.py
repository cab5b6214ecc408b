"""Where lines about training go: a terminal, a notebook, or a file.

Each has rows, which stay, and at most one live line under them, which is drawn over.
"""

import os
import shutil
import sys
from typing import Any, Protocol, TextIO


class Surface(Protocol):
    """What progress is written on."""

    @property
    def live(self) -> bool:
        """Whether it has a live line."""

    @property
    def width(self) -> int | None:
        """Of its lines, where longer ones would be broken."""

    def row(self, text: str) -> None:
        """Add a line that stays; the live line goes."""

    def draw(self, text: str) -> None:
        """Draw the live line."""


class Plain:
    """A file or a pipe: only rows."""

    live, width = False, None

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def row(self, text: str) -> None:
        self.stream.write(text + "\n")
        self.stream.flush()

    def draw(self, text: str) -> None:
        pass


class Terminal:
    """The live line is overwritten from its beginning; no escape codes, no colours."""

    live = True

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._drawn = 0

    @property
    def width(self) -> int:
        return shutil.get_terminal_size().columns - 1  # a line that is broken would stay behind

    def row(self, text: str) -> None:
        self.draw("")
        self.stream.write("\r" + text + "\n")
        self.stream.flush()

    def draw(self, text: str) -> None:
        coding = self.stream.encoding or "utf-8"
        text = text.encode(coding, "replace").decode(coding)  # a bar must not end a training
        self.stream.write("\r" + text.ljust(self._drawn))
        self.stream.flush()
        self._drawn = len(text)


class Notebook:
    """One output of the cell, replaced as a whole: a notebook keeps every other character."""

    live, width = True, None

    def __init__(self) -> None:
        self._rows: list[str] = []
        self._handle: Any = None

    def row(self, text: str) -> None:
        self._rows.append(text)
        self.draw("")

    def draw(self, text: str) -> None:
        from IPython.display import display

        shown = {"text/plain": "\n".join([*self._rows, text] if text else self._rows)}
        if self._handle is None:
            self._handle = display(shown, raw=True, display_id=True)
        else:
            self._handle.update(shown, raw=True)


def surface() -> Surface:
    """The one that this process has."""
    if in_notebook():
        return Notebook()
    live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return Terminal(sys.stderr) if live else Plain(sys.stderr)


def in_notebook() -> bool:
    """Whether a Jupyter kernel runs this process; nothing is imported to find out."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None
