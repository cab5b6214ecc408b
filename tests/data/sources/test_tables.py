"""Tables in files other than CSV, and how their rows are named."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data.sources.tables import Table, read_table

FRAME = pl.DataFrame({"a": [1, 2, None], "b": ["x", None, "z"], "c": [True, False, None]})


def test_parquet_and_json_lines_keep_their_types(tmp_path: Path) -> None:
    FRAME.write_parquet(tmp_path / "a.parquet")
    FRAME.write_ndjson(tmp_path / "a.jsonl")
    for name in ("a.parquet", "a.jsonl"):
        table = read_table(str(tmp_path / name))
        assert table.frame.equals(FRAME)
        assert table.frame.dtypes == FRAME.dtypes
    assert table.place(2) == f"{tmp_path / 'a.jsonl'}: line 3"
    assert read_table(str(tmp_path / "a.parquet")).place(2).endswith("a.parquet: row 2")


def test_rows_of_a_table() -> None:
    table = Table(FRAME, np.array([2, 3, 7]), "t")
    assert len(table) == 3
    for rows in ([2, 0], np.array([2, 0])):
        part = table.rows(rows)
        assert part.frame["b"].to_list() == ["z", "x"]
        assert part.place(0) == "t: line 7"
    assert table.rows(np.array([False, True, False])).numbers.tolist() == [3]
    assert Table.numbered(FRAME, "t").numbers.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.jsonl", b'{"a": 1, "b": 2}\n\n{"a": 1\n', "line 3: is not JSON"),
        ("a.jsonl", b'{"a": 1, "b": 2}\n[1]\n', "line 2: is not an object of JSON"),
        ("a.jsonl", b'{"a": 1}\n', "has fewer than 2 columns"),
        ("a.jsonl", b"\xff\xfe", "is empty"),
        ("a.parquet", b"PAR1", "can't be read as Parquet"),
        ("none.parquet", None, "can't be read"),
    ],
)
def test_faulty_files(tmp_path: Path, name: str, content: bytes | None, words: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(GlassnetError, match=words):
        read_table(str(tmp_path / name))


def test_a_parquet_file_of_too_many_cells_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    FRAME.write_parquet(tmp_path / "a.parquet")
    monkeypatch.setattr("glassnet.data.sources.tables._MOST_CELLS", 8)
    with pytest.raises(GlassnetError, match="3 rows of 3 columns, too many"):
        read_table(str(tmp_path / "a.parquet"))
