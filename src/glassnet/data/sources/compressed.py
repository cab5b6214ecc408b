"""Files that are not the text that their names promise: unpacked if they are gzip's, else named."""

import gzip
import io
import zlib

from glassnet.core.errors import GlassnetError

GZIP = ".gz"
_BINARY = {  # lowercase starts of contents: what they are, and how to make a table of it
    b"pk\x03\x04": ("is a workbook of Excel or another zip archive", "Save the sheet as CSV."),
    b"\xd0\xcf\x11\xe0": ("is an old workbook of Excel", "Save the sheet as CSV."),
    b"par1": ("is in the format Parquet", "Let its name end in .parquet."),
    b"\x1f\x8b": ("is compressed by gzip", "Let its name end in .gz, such as .csv.gz."),
    b"%pdf": ("is a PDF", "Export the table in it as CSV."),
    b"sqlite format 3\0": ("is a database of SQLite", "Export a table of it as CSV."),
    b"\x89png": ("is a picture", ""),
}
_PAGES = (b"<!doctype html", b"<html")


def unpacked(data: bytes, path: str, most: int) -> bytes:
    """Return the contents of a file whose name ends in .gz; raises if they have more bytes."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            text = file.read(most + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise GlassnetError(
            f"can't be unpacked by gzip: {error}.",
            where=path,
            fix="Download or compress it again; or give the unpacked file.",
        ) from error
    if len(text) > most:
        raise GlassnetError(f"has more than {most:,} bytes when unpacked.", where=path)
    return text


def require_text(data: bytes, path: str) -> None:
    """Raise for the contents of a well-known binary format, whatever the name says."""
    start = data[:16].lower()
    for mark, (what, fix) in _BINARY.items():
        if start.startswith(mark):
            raise GlassnetError(f"{what}, not a text.", where=path, fix=fix)


def require_no_page(data: bytes, path: str) -> None:
    """Raise for a web page, which servers send if they have no file."""
    if data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGES):
        fix = "Download the file itself, not the page about it."
        raise GlassnetError("is a web page (HTML), not a table.", where=path, fix=fix)
