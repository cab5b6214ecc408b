"""Text files: encodings are tested in test_delimited_files.py, with tables."""

from pathlib import Path

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data import load
from glassnet.data.text.datasets import Corpus, Texts


def test_a_long_text(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_bytes(b"\xef\xbb\xbf" + b"0123456789" * 2000)
    data = load(path)
    assert isinstance(data, Corpus)
    assert data.text_train[:3] == b"012"
    assert (len(data.text_train), len(data.text_test)) == (18_000, 2_000)
    with pytest.raises(GlassnetError, match="no such file"):
        load("nowhere.txt")
    with pytest.raises(GlassnetError, match="--data-dir"):
        load(path, data_dir="x")


def test_texts_that_are_not_utf_8(tmp_path: Path) -> None:
    for name, encoding in (("a", "cp1252"), ("b", "utf-8")):
        (tmp_path / name).mkdir()
        for i in range(9):
            text = f"“Käse” number {i} of {name}".encode(encoding)
            (tmp_path / name / f"{i}.txt").write_bytes(text)
    with pytest.raises(GlassnetError, match=r"a/0\.txt: line 1 is not UTF-8 .* --encoding NAME "):
        load(tmp_path)
    data = load(tmp_path, encoding="cp1252")
    assert isinstance(data, Texts)
    assert {text[:6] for text in data.texts_train} == {"“Käse”"}
    with pytest.raises(GlassnetError, match=r"not ASCII text .* latin-1 decodes all bytes\."):
        load(tmp_path, encoding="ascii")
    with pytest.raises(GlassnetError, match="--encoding: unknown encoding 'cp-9'"):
        load(tmp_path, encoding="cp-9")
    with pytest.raises(GlassnetError, match="--encoding: is for a table, which digits is not"):
        load("digits", encoding="cp1252")
    rows = "\n".join(f"Käse {i},{'ab'[i % 2]}" for i in range(20))
    (tmp_path / "t.csv").write_bytes(f"text,label\n{rows}".encode("cp1252"))
    table = load(tmp_path / "t.csv", encoding="cp1252")
    assert isinstance(table, Texts)
    assert table.texts_train[0].startswith("Käse")
