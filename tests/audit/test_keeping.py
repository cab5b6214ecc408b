"""What is kept of an audit is the audit."""

from pathlib import Path

import pytest

from glassnet.audit import Audit, Copy, Odd, Place, Suspect
from glassnet.audit.keeping import keep, kept

FOUND = Audit(
    "things",
    "ab" * 32,
    {"train": 3, "test": 2},
    {"a": {"train": 2, "test": 1}, "b": {"train": 1, "test": 1}},
    (Copy(Place("test", 1), Place("train", 0), "a", "b", 0.0),),
    (Suspect(Place("test", 0), "a", 0.01, "b", 0.98),),
    (Odd(Place("train", 2), "a", None), Odd(Place("train", 1), "b", 1.25)),
)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.audit.keeping.user_cache_path", lambda name: tmp_path / name)


def test_it_comes_back() -> None:
    assert kept(FOUND.sha256) is None
    keep(FOUND)
    assert kept(FOUND.sha256) == FOUND
    assert kept("cd" * 32) is None


@pytest.mark.parametrize("text", ["", "{}", '{"copies": [{"place": 1}]}', "[]"])
def test_a_damaged_file_is_none(text: str) -> None:
    keep(FOUND).write_text(text)
    assert kept(FOUND.sha256) is None
