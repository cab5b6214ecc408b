"""Rows of a file, or of stdin, for a model."""

import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data.sources.raw_rows import read_rows


def test_csv_and_json_lines_from_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("x\n1\n", '{"x": 1}\n'):
        stdin = SimpleNamespace(buffer=io.BytesIO(text.encode()))
        monkeypatch.setattr("sys.stdin", stdin)
        table = read_rows("-")
        assert (table.source, table.columns, len(table)) == ("stdin", ["x"], 1)


def test_a_file_that_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("x\ncaf\xe9\n".encode("latin-1"))
    assert read_rows(str(tmp_path / "a.csv"), "latin-1").frame["x"].to_list() == ["café"]
    with pytest.raises(GlassnetError, match=r"a\.txt: is not a table, such as the model reads"):
        read_rows("a.txt")
