"""Where lines go: a screen is what a terminal shows of the characters it was sent."""

import io
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from glassnet.training.callbacks.terminals import Notebook, Plain, Terminal, in_notebook, surface


def screen(text: str) -> list[str]:
    """The lines that a terminal shows: a carriage return goes back, signs overwrite."""
    lines = []
    for line in text.split("\n"):
        shown: list[str] = []
        for part in line.split("\r"):
            shown[: len(part)] = part
        lines.append("".join(shown).rstrip())
    return lines


def test_on_a_terminal_a_shorter_line_leaves_nothing_of_the_longer_one() -> None:
    stream = io.StringIO()
    terminal = Terminal(stream)
    for text in ("a long live line", "short"):
        terminal.draw(text)
    assert screen(stream.getvalue()) == ["short"]
    terminal.row("row 1")
    terminal.draw("live again")
    terminal.row("row 2")
    assert screen(stream.getvalue()) == ["row 1", "row 2", ""]
    assert "\x1b" not in stream.getvalue()  # no colours, and so none to switch off


def test_a_terminal_without_the_bar_s_signs_gets_others() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    Terminal(stream).draw("━━──")
    assert raw.getvalue() == b"\r????"


def test_a_file_has_rows_only() -> None:
    stream = io.StringIO()
    plain = Plain(stream)
    plain.draw("never")
    plain.row("row")
    assert stream.getvalue() == "row\n"


class Jupyter:
    """Stands for IPython in a kernel: keeps each state of the cell's one output."""

    def __init__(self) -> None:
        self.outputs: list[str] = []
        self.handles = 0

    def display(self, data: dict[str, str], raw: bool, display_id: bool) -> Any:
        assert raw
        assert display_id
        self.handles += 1
        self.outputs.append(data["text/plain"])
        return self

    def update(self, data: dict[str, str], raw: bool) -> None:
        assert raw
        self.outputs.append(data["text/plain"])


def test_a_notebook_has_one_output_that_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Jupyter()
    shell = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=kernel.display))
    notebook = surface()
    assert isinstance(notebook, Notebook)
    notebook.draw("live")
    notebook.row("row 1")
    notebook.draw("live")
    notebook.row("row 2")
    assert kernel.handles == 1
    assert kernel.outputs == ["live", "row 1", "row 1\nlive", "row 1\nrow 2"]


def test_a_notebook_is_known_without_importing_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert not in_notebook()
    assert "IPython" not in sys.modules
    terminal = SimpleNamespace(get_ipython=lambda: SimpleNamespace())  # IPython in a terminal
    monkeypatch.setitem(sys.modules, "IPython", terminal)
    assert not in_notebook()


def test_a_dumb_terminal_is_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", Screen())
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(surface(), Terminal)
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(surface(), Plain)
