"""The installed program, run as a person runs it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def glassnet(tmp_path: Path) -> Run:
    """Runs `glassnet ARGUMENTS...` in an empty folder."""

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-c", "from glassnet.cli import main; main()", *arguments],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=300,
        )

    return run


def failed_clearly(done: "subprocess.CompletedProcess[str]", *words: str) -> None:
    """Exit code 2, nothing on stdout, one message without a traceback that has all the words."""
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for word in words:
        assert word.lower() in done.stderr.lower(), (word, done.stderr)
