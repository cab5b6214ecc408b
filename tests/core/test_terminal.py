"""Streams that are closed, full or broken: no training ends for want of a reader."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TRAIN = "train digits --hidden 8 --epochs 2 --no-report --name a"
FILES = ["config.json", "history.jsonl", "metrics.json", "model.safetensors"]


@pytest.mark.parametrize(
    ("streams", "code"),
    [
        (">&-", 0), ("2>&-", 0), ("<&- >&- 2>&-", 0), ("2>/dev/full", 0), (">/dev/full", 2),
        ("2>&1 >/dev/null | head -1", 0), ("| head -1", 141),
    ],
)  # fmt: skip
def test_a_training_goes_on(tmp_path: Path, streams: str, code: int) -> None:
    program = f'"{sys.executable}" -c "from glassnet.cli import main; main()" {TRAIN}'
    first, _, rest = f"{program} {streams}".partition(" | ")
    script = f"{first} | {rest}; exit ${{PIPESTATUS[0]}}" if rest else first
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode in (code, 0 if code == 141 else code), done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert sorted(os.listdir(tmp_path / "runs/a")) == FILES
