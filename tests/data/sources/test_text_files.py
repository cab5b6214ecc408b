"""Text files: encodings are tested in test_delimited_files.py, with tables."""

from pathlib import Path

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data import load
from glassnet.data.text.datasets import Corpus


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
