"""The command line, run as a person runs it."""

import io
import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir
from functools import partial
from pathlib import Path

import pytest

from glassnet.cli import main

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


def in_a_process(folder: Path, *arguments: str) -> Done:
    """`glassnet ARGUMENTS...` in a folder, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "from glassnet.cli import main; main()", *arguments],
        capture_output=True, text=True, cwd=folder, timeout=300,
    )  # fmt: skip


def in_this_process(folder: Path, *arguments: str) -> Done:
    """The same where all is imported already, and warnings are errors."""
    streams = [io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2)]
    code: object = 0
    with chdir(folder), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["glassnet", *arguments])
        patch.setattr(sys, "excepthook", sys.excepthook)  # typer sets its own
        for name, stream in zip(("stdout", "stderr"), streams, strict=True):
            patch.setattr(sys, name, stream)
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
    said = (stream.detach().getvalue().decode() for stream in streams)
    return Done(arguments, code, *said)


@pytest.fixture
def program(tmp_path: Path) -> Run:
    """Runs `glassnet ARGUMENTS...` in an empty folder, in a process of its own."""
    return partial(in_a_process, tmp_path)


@pytest.fixture
def glassnet(tmp_path: Path) -> Run:
    """Runs `glassnet ARGUMENTS...` in an empty folder, in this process."""
    return partial(in_this_process, tmp_path)


def failed_clearly(done: Done, *words: str) -> None:
    """Exit code 2, nothing on stdout, one message without a traceback that has all the words."""
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for word in words:
        assert word.lower() in done.stderr.lower(), (word, done.stderr)


def after_an_epoch(process: "subprocess.Popen[str]") -> "subprocess.Popen[str]":
    """The process, once it has trained an epoch: its row on stderr says so, and no clock."""
    assert process.stderr is not None
    rows = (line for line in process.stderr if line.startswith("epoch "))
    assert next(rows, None), "it ended before"
    return process
