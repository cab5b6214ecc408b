"""Files of gzip are unpacked, within bounds; files of other formats are named."""

import gzip

import pytest

from glassnet import GlassnetError
from glassnet.data.sources.compressed import require_no_page, require_text, unpacked


def test_what_gzip_holds_within_bounds() -> None:
    data = gzip.compress(b"a,b\n" * 1000)
    assert unpacked(data, "t.csv.gz", 4000) == b"a,b\n" * 1000
    assert unpacked(data + gzip.compress(b"1,2\n"), "t.csv.gz", 5000).endswith(b"1,2\n")
    with pytest.raises(GlassnetError, match=r"t\.csv\.gz: has more than 3,999 bytes"):
        unpacked(data, "t.csv.gz", 3999)


@pytest.mark.parametrize("data", [b"a,b\n1,2\n", b"", gzip.compress(b"x" * 99)[:-9], b"\x1f\x8b"])
def test_what_is_not_gzip_or_damaged(data: bytes) -> None:
    if not data:
        assert unpacked(data, "t.csv.gz", 9) == b""
        return
    with pytest.raises(GlassnetError, match="can't be unpacked"):
        unpacked(data, "t.csv.gz", 999)


@pytest.mark.parametrize("data", [b"a,b\n", b"PK,b\n", b"<a>,b\n", b""])
def test_texts_are_texts(data: bytes) -> None:
    require_text(data, "t.csv")
    require_no_page(data, "t.csv")


def test_other_formats_are_named() -> None:
    with pytest.raises(GlassnetError, match="PDF"):
        require_text(b"%PDF-1.7\n", "t.csv")
    with pytest.raises(GlassnetError, match="web page"):
        require_no_page(b"\n  <HTML>\n", "t.csv")
