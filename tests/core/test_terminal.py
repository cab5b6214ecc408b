"""Escapes for texts from outside that would control a terminal; closed, full or broken streams."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from glassnet.core import terminal
from glassnet.core.errors import GlassnetError
from glassnet.core.terminal import paced, printable, say

HOSTILE = "\x1b[31m\r\x07\x9b2J\u202egnp\u2066\u061c\u2028\udcff\x00\x7f"
ESCAPED = r"\u001b[31m\u000d\u0007\u009b2J\u202egnp\u2066\u061c\u2028\udcff\u0000\u007f"


def test_what_controls_a_terminal_is_escaped() -> None:
    assert printable(HOSTILE) == ESCAPED
    assert printable(ESCAPED) == ESCAPED
    assert ESCAPED.isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\tb\nc",
        "é ½ 好 ß",
        "می\u200cخواهم",
        "👨\u200d👩\u200d👧 👍🏽",
        "a\u00a0b\u3000c",
        "עברית",
    ],
)
def test_texts_of_all_scripts_stay(text: str) -> None:
    assert printable(text) == text


def test_json_keeps_its_meaning() -> None:
    for hostile in (HOSTILE, HOSTILE * 2, '"\\' + HOSTILE):
        shown = printable(json.dumps({hostile: [hostile]}, ensure_ascii=False))
        assert json.loads(shown) == {hostile: [hostile]}
        assert shown.isprintable()


def test_messages_and_errors(capsys: pytest.CaptureFixture[str]) -> None:
    say(f"note: {HOSTILE}")
    assert capsys.readouterr().err == f"note: {ESCAPED}\n"
    error = GlassnetError(f"has {HOSTILE}.", where=f"a\n{HOSTILE}", fix="Fix it.")
    assert str(error) == rf"a\u000a{ESCAPED}: has {ESCAPED}. Fix it."
    assert str(error.inside("b")) == f"b: {error}"
    assert error.where == f"a\n{HOSTILE}"  # callers get the path as it is
    str(error).encode(sys.getdefaultencoding())


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


def test_a_message_is_passed_on_at_most_every_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(terminal.time, "monotonic", lambda: now[0])
    messages: list[str] = []
    progress = paced(messages.append)
    for second in range(0, 31, 3):
        now[0] = 100.0 + second
        progress(f"second {second}")
    assert messages == ["second 12", "second 24"]
