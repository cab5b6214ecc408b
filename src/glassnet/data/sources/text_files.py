"""Text files: which encoding they are in, and one long text as a data set."""

from pathlib import Path

from glassnet.core.errors import GlassnetError
from glassnet.core.files import read_file
from glassnet.data.sources.compressed import GZIP, require_text, unpacked
from glassnet.data.sources.encodings import encoding_hint
from glassnet.data.text.datasets import Corpus, make_corpus

TEXTS = (".txt",)
_LARGEST = 2**30  # bytes
_MARKS = {  # byte order marks
    b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe\0\0": "utf-32", b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16",
}  # fmt: skip


def read_corpus(path: str, encoding: str | None = None) -> Corpus:
    """Return the long text in a file; its last tenth is the test set."""
    data = utf8_of(path, encoding)
    end = len(data) - len(data) // 10
    return make_corpus(Path(path).stem, data[:end], data[end:], path)


def utf8_of(path: str, encoding: str | None = None) -> bytes:
    """Return the contents of a text file as UTF-8; a byte order mark may say that it is another.

    A file whose name ends in .gz is unpacked. What is not UTF-8 is decoded by the `encoding`.
    """
    data = read_file(path, _LARGEST, "Give the path of a text file of at most 1 GiB.")
    data = unpacked(data, path, _LARGEST) if path.lower().endswith(GZIP) else data
    return to_utf8(data, path, encoding)


def checked_encoding(name: str) -> str:
    """Return the name if Python has such an encoding of texts; raises otherwise."""
    try:
        "".encode(name)
    except (LookupError, ValueError) as error:
        raise GlassnetError(
            f"unknown encoding {name!r:.80}.",
            where="--encoding",
            fix="For example cp1252 (Western European), cp1251 (Cyrillic), gb18030 (Chinese).",
        ) from error
    return name


def to_utf8(data: bytes, path: str, encoding: str | None = None) -> bytes:
    """Return a text as UTF-8; `path` is what errors call it. Raises for other formats.

    A text that is not UTF-8 is decoded by the `encoding`, if one is chosen.
    """
    require_text(data, path)
    coding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8")
    if encoding is not None and coding == "utf-8" and not _is_utf8(data):
        coding = checked_encoding(encoding)
    try:
        text = data.decode(coding)
    except UnicodeDecodeError as error:
        line = data[: error.start].decode(coding, "replace").count("\n") + 1
        name, byte = coding.removesuffix("-sig").upper(), f"{data[error.start]:#04x}"
        what, fix = "the file is damaged", "Save the file as UTF-8."
        if coding == encoding:
            what, fix = "it is in another encoding", "Name that; latin-1 decodes all bytes."
        elif name == "UTF-8":
            what, fix = encoding_hint(data, error.start)
        raise GlassnetError(
            f"line {line} is not {name} text (byte {byte}); {what}.", where=path, fix=fix
        ) from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        utf_16 = data[::2].count(0) > len(data) // 4 or data[1::2].count(0) > len(data) // 4
        raise GlassnetError(
            f"line {line} contains a zero byte: this "
            + ("is UTF-16 without a byte order mark." if utf_16 else "is not a text file."),
            where=path,
            fix="Save the file as UTF-8." if utf_16 else "",
        )
    if not text or text.isspace():
        raise GlassnetError("is empty.", where=path)
    return data if coding == "utf-8" else text.encode()


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
