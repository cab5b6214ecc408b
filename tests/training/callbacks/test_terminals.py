"""Outputs for progress: the screen of a terminal, the output of a notebook cell, files."""

import io
import re
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from glassnet import Dense, Model
from glassnet.core.errors import GlassnetError
from glassnet.training.callbacks import Callback, Record
from glassnet.training.callbacks.progress_bar import Progress
from glassnet.training.callbacks.terminals import Notebook, Plain, Terminal, in_notebook, surface


def screen(text: str) -> list[str]:
    """Return the lines that a terminal shows after these characters and control codes."""
    lines, line, column = [], [""] * 200, 0
    for code, number, letter, sign in re.findall(r"(\x1b\[([0-9;]*)([A-Za-z]))|(.|\n)", text):
        if sign == "\n":
            lines.append("".join(line).rstrip())
            line, column = [""] * 200, 0
        elif sign == "\r":
            column = 0
        elif sign:
            line[:column] = [cell or " " for cell in line[:column]]
            line[column] = sign
            column += 1
        elif letter == "K":
            assert number == "2"
            line = [""] * 200
        elif letter == "G":
            column = int(number) - 1
        else:
            assert letter == "m", code  # colors; nothing that would have to be restored
    return [*lines, "".join(line).rstrip()]


@pytest.mark.parametrize("no_color", ["", "1"])
def test_on_a_terminal_a_shorter_line_leaves_nothing_of_the_longer_one(
    no_color: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = io.StringIO()
    terminal = Terminal(stream)
    for parts in (["a long", "live line"], ["short"]):
        terminal.draw(0.5, parts)
    (line,) = screen(stream.getvalue())
    assert line.startswith("━" * 10)
    assert line[20:] == "  short"
    terminal.row(["row", "1"])
    terminal.draw(1, ["live again"])
    terminal.row(["row 2"])
    assert screen(stream.getvalue()) == ["row  1", "row 2", ""]
    terminal.draw(1, ["live again"])
    terminal.wipe()
    assert screen(stream.getvalue()) == ["row  1", "row 2", ""]
    assert bool(re.search(r"\x1b\[[0-9;]*m", stream.getvalue())) == (not no_color)


def test_what_is_written_after_an_error_comes_in_the_place_of_the_live_line() -> None:
    """The end of a training wipes the line, also when a callback fails within an epoch."""
    stream = io.StringIO()

    class Failing(Callback):
        def on_segment_end(self, record: Record) -> None:
            raise GlassnetError("is bad.", where="Boom")

    model = Model([Dense(2, "softmax")], input_shape=(3,))
    model.compile("adam", "sparse_categorical_crossentropy")
    progress = Progress(Terminal(stream))
    x, y = np.eye(3), np.array([0, 1, 1])
    with pytest.raises(GlassnetError, match="Boom"):
        model.fit(x, y, batch_size=1, verbose=0, callbacks=[progress, Failing()])
    assert "loss" in stream.getvalue()
    stream.write("Boom\n")
    assert screen(stream.getvalue()) == ["Boom", ""]


def test_a_terminal_without_the_bar_s_signs_gets_others() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    Terminal(stream).draw(0.5, ["précision 1"])
    assert screen(raw.getvalue().decode("ascii")) == ["---------- ---------  pr?cision 1"]


def test_what_has_no_room_on_a_terminal_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "46")
    stream = io.StringIO()
    terminal = Terminal(stream)
    terminal.row(["epoch  2/12", "accuracy 0.5000", "loss 1.2500", "val_loss 1.5000", "2 s"])
    terminal.draw(0.1, ["epoch  2/12", "accuracy 0.5000", "3 s"])
    row, line = screen(stream.getvalue())
    assert row == "epoch  2/12  accuracy 0.5000  loss 1.2500"
    assert line.endswith("  epoch  2/12")


def test_a_file_has_rows_only() -> None:
    stream = io.StringIO()
    plain = Plain(stream)
    plain.draw(0.5, ["never"])
    plain.row(["row", "1"])
    plain.wipe()
    assert stream.getvalue() == "row  1\n"


class Jupyter:
    """Stands for IPython in a kernel: records each state of the cell's one output."""

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


def test_a_notebook_has_one_line_that_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Jupyter()
    shell = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=kernel.display))
    notebook = surface()
    assert isinstance(notebook, Notebook)
    notebook.draw(0.25, ["live"])
    notebook.row(["row", "1"])
    notebook.draw(0.5, ["live"])
    notebook.row(["row 2"])
    assert kernel.handles == 1
    quarter, half = (f"{'━' * n}{'─' * (20 - n)}  live" for n in (5, 10))
    assert kernel.outputs == [quarter, "row  1", half, "row 2"]
    assert isinstance(surface(live=False), Plain)  # verbose=2: a line for each epoch


def test_a_notebook_is_known_without_importing_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert not in_notebook()
    assert "IPython" not in sys.modules
    terminal = SimpleNamespace(get_ipython=lambda: SimpleNamespace())  # IPython in a terminal
    monkeypatch.setitem(sys.modules, "IPython", terminal)
    assert not in_notebook()


def test_a_pipe_gets_no_codes_whatever_is_asked_of_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert isinstance(surface(), Plain)


def test_a_dumb_terminal_is_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", Screen())
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(surface(), Terminal)
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(surface(), Plain)
