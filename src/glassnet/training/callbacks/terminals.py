"""Where lines about training go: a terminal, a notebook, or a file.

Each has rows, which stay, and at most one live line under them, which is drawn over. Lines come in
parts, and a terminal shows as many of them, the first ones, as it has room for.
"""

import os
import sys
from collections.abc import Sequence
from typing import Any, Protocol, TextIO

BAR = 20  # characters


class Surface(Protocol):
    """What progress is written on."""

    @property
    def live(self) -> bool:
        """Whether it has a live line."""

    def row(self, parts: Sequence[str]) -> None:
        """Add a line that stays; the live line goes."""

    def draw(self, done: float, parts: Sequence[str]) -> None:
        """Draw the live line: a bar that is done up to this share, and the parts."""

    def wipe(self) -> None:
        """Remove the live line."""


class Plain:
    """A file or a pipe: only rows."""

    live = False

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def row(self, parts: Sequence[str]) -> None:
        self.stream.write("  ".join(parts) + "\n")
        self.stream.flush()

    def draw(self, done: float, parts: Sequence[str]) -> None:
        pass

    def wipe(self) -> None:
        pass


class Terminal:
    """Drawn by rich, whose own `Live` is not used: it hides the cursor until it is stopped.

    Here the cursor stays, and waits where the live line begins: however a training ends, nothing
    has to be restored, and what is written next comes in the line's place.
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

        bar = ProgressBar(total=1, completed=done, width=BAR)  # without colors, shorter than that
        text = self._fitting(["", *parts], BAR)
        self._print(bar, Control.move_to_column(BAR), text, end="\r")

    def wipe(self) -> None:
        self._print()

    def _print(self, *objects: Any, end: str = "\n") -> None:
        self._console.print(self._erase, *objects, end=end, highlight=False, no_wrap=True)

    def _fitting(self, parts: Sequence[str], column: int = 0) -> Any:
        """As many of the parts as the line has room for from this column on."""
        from rich.text import Text

        room = self._console.width - column - 1  # a line that is broken would stay behind
        line, *rest = parts
        for part in rest:
            if len(line) + 2 + len(part) > room:
                break
            line += f"  {part}"
        coding = self._console.encoding
        return Text(line[:room].encode(coding, "replace").decode(coding))  # must not end a training


class Notebook:
    """One output of the cell, replaced as a whole: a notebook keeps every other character."""

    live = True

    def __init__(self) -> None:
        self._rows: list[str] = []
        self._handle: Any = None

    def row(self, parts: Sequence[str]) -> None:
        self._rows.append("  ".join(parts))
        self.wipe()

    def draw(self, done: float, parts: Sequence[str]) -> None:
        self._show([*self._rows, "  ".join([f"{'━' * round(BAR * done):─<{BAR}}", *parts])])

    def wipe(self) -> None:
        self._show(self._rows)

    def _show(self, lines: Sequence[str]) -> None:
        from IPython.display import display

        output = {"text/plain": "\n".join(lines)}
        if self._handle is None:
            self._handle = display(output, raw=True, display_id=True)
        else:
            self._handle.update(output, raw=True)


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
