"""Names that people write every day are readable; control characters are not."""

import pytest

from glassnet.core.names import is_blank, is_readable


@pytest.mark.parametrize("name", [
    "T-shirt", "می\u200cخواهم", "क्\u200dष", "👨\u200d👩\u200d👧", "T-shirt\u00a0rouge",
    "長袖\u3000シャツ", "10\u202fkg", "Donau\u00addampf", "a\u2009b", "$5 & 50%", "e\u0301", "",
])  # fmt: skip
def test_readable(name: str) -> None:
    assert is_readable(name)
    assert is_blank(name) == (name == "")


@pytest.mark.parametrize("name", [
    "a\nb", "a\tb", "a\x1b[31m", "a\u202eb", "a\u2066b", "a\u200eb", "a\u2028b", "a\ufeffb",
    "\ud800", "\x00", "\ue000",
])  # fmt: skip
def test_unreadable(name: str) -> None:
    assert not is_readable(name)


def test_blank() -> None:
    for name in ("", " ", "\u3000", "\u200d", " \u00ad\u00a0"):
        assert is_blank(name)
    assert not is_blank("\u00a0a")
