"""Which encoding a text that is not UTF-8 may be in: a hint for a message, never a decision."""

import re
from codecs import getincrementaldecoder
from contextlib import suppress

_SAMPLE = 2**20  # bytes
_MULTIBYTE = {  # Python's codec: its usual name, and what it is used for
    "gb18030": "GB18030 (Chinese)",
    "big5": "BIG5 (Chinese)",
    "cp932": "CP932 (Japanese, Shift-JIS)",
    "euc_jp": "EUC-JP (Japanese)",
    "cp949": "CP949 (Korean, EUC-KR)",
}
_NON_ASCII = re.compile(rb"[\x80-\xff]+")
# Non-ASCII bytes that are common in Windows-1252, and symbols that aren't written between letters.
_WESTERN = re.compile(rb"[\x80\x85\x8a\x8c\x91-\x97\x99\x9a\x9c\xa0-\xff]")
_SYMBOL_IN_WORD = re.compile(rb"[A-Za-z][\xa1-\xac\xae-\xb3\xb5\xb6\xb8-\xbf\xd7\xf7][A-Za-z]")
_MOST, _ISOLATED = 0.1, 0.8  # shares: of non-ASCII bytes, of those that stand alone


def encoding_hint(data: bytes, start: int) -> tuple[str, str]:
    """Return (what the encoding may be, how to fix it) of bytes that are not UTF-8 from `start` on.

    Western European text has few, isolated non-ASCII bytes. Multi-byte encodings are named if they
    can decode the text, which several often can.
    """
    line = data.rfind(b"\n", 0, start) + 1
    sample = data[line : line + _SAMPLE]
    text = data[: line + _SAMPLE].decode("utf-8", "replace")
    if sum(c > "\x7f" for c in text) > 4 * (errors := text.count("\ufffd")):
        what = "most of the file is UTF-8" + (", so this line is damaged" if errors == 1 else "")
        return what, "Correct the line."
    if _is_western(data[: line + _SAMPLE]):
        what = "the file is probably in Windows-1252 or Latin-1 (Western European)"
        coding = "cp1252"
    elif codecs := [codec for codec in _MULTIBYTE if _decodes(sample, codec)]:
        what = f"the file may be in {' or '.join(_MULTIBYTE[codec] for codec in codecs)}"
        coding = codecs[0] if len(codecs) == 1 else "NAME"
    else:
        what = "the file is in another encoding, such as CP1251 (Cyrillic) or CP1253 (Greek)"
        coding = "NAME"
    return what, (
        f"Save the file as UTF-8, or name its encoding: --encoding {coding} (encoding= in Python). "
        "Look at the letters of the result: a wrong encoding gives wrong letters without an error."
    )


def _is_western(data: bytes) -> bool:
    """Return whether the non-ASCII bytes are rare, isolated, and common in Windows-1252."""
    runs = _NON_ASCII.findall(data)
    alone = [run for run in runs if len(run) == 1]
    return (
        sum(map(len, runs)) <= _MOST * len(data)
        and len(alone) >= _ISOLATED * len(runs)
        and all(map(_WESTERN.fullmatch, alone))
        and not _SYMBOL_IN_WORD.search(data)
    )


def _decodes(sample: bytes, codec: str) -> bool:
    """Return whether the codec decodes the sample, without half-width kana, which are rare."""
    with suppress(UnicodeDecodeError):
        text = getincrementaldecoder(codec)().decode(sample)  # the end may be cut off
        return not re.search("[\uff61-\uff9f]", text)
    return False
