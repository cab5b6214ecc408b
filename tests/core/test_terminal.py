"""Escapes for texts from outside that would control a terminal."""

import json
import sys

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


def test_a_message_is_passed_on_at_most_every_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(terminal.time, "monotonic", lambda: now[0])
    messages: list[str] = []
    progress = paced(messages.append)
    for second in range(0, 31, 3):
        now[0] = 100.0 + second
        progress(f"second {second}")
    assert messages == ["second 12", "second 24"]
