"""The last table is remembered until its file changes, doubts included."""

from pathlib import Path

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data import Rows, from_tables, load, task_of

ROWS = "n,k,target\n" + "\n".join(f"{i},{'ab'[i % 2]},{i % 2}" for i in range(40)) + "\n,a,\n"


def test_a_file_is_read_once_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, messages: list[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(ROWS)
    count = []
    read = from_tables.read_table
    monkeypatch.setattr(from_tables, "read_table", lambda p: count.append(p) or read(p))
    assert task_of(path) == "classes"
    assert messages == []  # of the first look
    first = load(path)
    second = load(path)
    assert first is second
    assert len(count) == 1
    assert [m for m in messages if "target is missing in 1 row" in m] == [messages[0]] * 2
    load(path, task="numbers")
    path.write_text(ROWS + "7,b,1\n")
    changed = load(path)
    assert isinstance(changed, Rows)
    assert len(changed.x_train) + len(changed.x_test) == 41
    assert len(count) == 3


def test_a_test_file_must_be_a_table(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(ROWS)
    with pytest.raises(GlassnetError, match=r"b\.npz: is not a table"):
        load(path, test_file="b.npz")
