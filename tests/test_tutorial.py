"""The tutorial is one session: its commands and programs run in order, and print what it shows."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```(sh|python|text)\n(.*?)^```", flags=re.M | re.S)
BLOCKS = BLOCK.findall((ROOT / "docs/tutorial.md").read_text(encoding="utf-8"))


def matches(shown: str, printed: str) -> bool:
    """True if what is shown was printed: … is any text, and alone on a line, any lines."""
    lines = (re.escape(line).replace("…", ".*") + "\n" for line in shown.strip("\n").split("\n"))
    pattern = "".join("(?:.*\n)*?" if line == ".*\n" else line for line in lines)
    return bool(re.search(rf"^{pattern}", printed.rstrip("\n") + "\n", flags=re.M))


def test_matches() -> None:
    assert matches("a\n…\nb … s", "x\na\n1\n2\nb 0.1 s\n")
    assert matches("a\n…\nb", "a\nb")
    assert not matches("a\nb", "a\n1\nb")
    assert not matches("b", "ab")


@pytest.mark.slow
def test_the_tutorial_runs_and_prints_what_it_shows(tmp_path: Path) -> None:
    (kind, install), *steps = BLOCKS  # the environment of the tests stands for the installation
    assert kind == "sh"
    assert "pip install .\n" in install
    env = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    env |= {"PYTHONPATH": str(ROOT / "src"), "COLUMNS": "100", "GLASSNET_REPORT": "1"}
    printed = ""
    for kind, text in steps:
        if kind == "text":
            assert matches(text, printed), printed
            continue
        command = ["bash", "-e", "-c", text] if kind == "sh" else [sys.executable, "-c", text]
        done = subprocess.run(
            command, cwd=tmp_path, env=env, capture_output=True, text=True, encoding="utf-8"
        )
        assert done.returncode == 0, text + done.stdout + done.stderr
        printed = done.stdout
        for shown in re.findall(r"# prints (.*)$", text, flags=re.M):
            assert shown in printed, (shown, printed)
