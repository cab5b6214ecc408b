"""Faults in how a file is written: its format, encoding, delimiters, quotes, header and rows."""

import gzip

from tests.data.faults.planting import CLASSES, ERROR, Fault, as_bytes, fault

TEXT = as_bytes(CLASSES, "table.csv")
LINES = TEXT.splitlines(keepends=True)
JSON = as_bytes(CLASSES, "table.jsonl").splitlines(keepends=True)


def changed(number: int, old: bytes, new: bytes) -> bytes:
    """Return the clean file with a change in one line."""
    line = LINES[number - 1]
    assert old in line
    return b"".join([*LINES[: number - 1], line.replace(old, new, 1), *LINES[number:]])


CITY = CLASSES["city"][6].encode()
FAULTS: list[Fault] = [
    fault("an empty file", ERROR, "table.csv", "is empty", table=b""),
    fault("only a header", ERROR, "table.csv", "no rows below its header", table=LINES[0]),
    fault("no header", ERROR, "line 1", "not a header", "'83.1'", table=b"".join(LINES[1:])),
    fault("no header, and no target named", ERROR, "line 1", "not a header",
          table=b"".join(LINES[1:]), target=None),
    fault("the header again further down", ERROR, "line 200", "repeats the header",
          table=b"".join([*LINES[:199], LINES[0], *LINES[199:]])),
    fault("a title above the header", ERROR, "line 1", "has only the column 'Patients of 2024'",
          table=b"Patients of 2024\n" + TEXT),
    fault("a column name twice", ERROR, "line 1", "twice: 'age'",
          table=TEXT.replace(b"weight", b"age", 1)),
    fault("a column name twice, but for spaces", ERROR, "line 1", "twice: 'age'",
          table=TEXT.replace(b"weight", b" age ", 1)),
    fault("a cell too many", ERROR, "line 17", "has 8 cells, the header has 7",
          table=changed(17, b"\n", b",x\n")),
    fault("a cell too few", ERROR, "line 17", "has 6 cells, the header has 7",
          table=changed(17, b",", b"")),
    fault("a file that was cut off", ERROR, "line 401", "has 5 cells", table=TEXT[:-20]),
    fault("a quote that is not closed", ERROR, "line 30", "can't be read",
          table=changed(30, b",", b',"')),
    fault("zero bytes", ERROR, "line 12", "zero byte", table=changed(12, b",", b"\0,")),
    fault("UTF-16 without its mark", ERROR, "UTF-16", table=TEXT.decode().encode("utf-16-le")),
    fault("Latin-1", ERROR, "line 8", "Windows-1252", "--encoding cp1252",
          table=changed(8, CITY, "München".encode("latin-1"))),
    fault("an Excel workbook called .csv", ERROR, "workbook of Excel", "Save the sheet as CSV",
          table=b"PK\x03\x04\x14\0\x06\0" + bytes(range(256))),
    fault("a web page called .csv", ERROR, "web page", "Download",
          table=b"<!DOCTYPE html>\n<html><body>Sign in to download</body></html>\n"),
    fault("a compressed file called .csv", ERROR, "compressed by gzip", ".csv.gz",
          table=gzip.compress(TEXT)),
    fault("a compressed file that was cut off", ERROR, "table.csv.gz", "gzip",
          file="table.csv.gz", table=gzip.compress(TEXT)[:-900]),
    fault("a broken line of JSON", ERROR, "line 3", "not JSON", file="table.jsonl",
          table=b"".join([*JSON[:2], JSON[2].replace(b'"age"', b"age"), *JSON[3:]])),
    fault("a line of JSON that is not an object", ERROR, "line 3", "not an object",
          file="table.jsonl", table=b"".join([*JSON[:2], b"17\n", *JSON[2:]])),
    fault("a Parquet file that was cut off", ERROR, "table.parquet", "Parquet",
          file="table.parquet", table=as_bytes(CLASSES, "table.parquet")[:-40]),
]  # fmt: skip

# The same table as other programs write it: it is read as if it were written plainly.
HANDLED: dict[str, tuple[str, bytes]] = {
    "a byte order mark": ("table.csv", b"\xef\xbb\xbf" + TEXT),
    "UTF-16 with its mark": ("table.csv", TEXT.decode().encode("utf-16")),
    "semicolons": ("table.csv", TEXT.replace(b",", b";")),
    "semicolons and decimal commas": (
        "table.csv", TEXT.replace(b",", b";").replace(b".", b",")),
    "tabs": ("table.tsv", TEXT.replace(b",", b"\t")),
    "Excel's line sep=;": ("table.csv", b"sep=;\r\n" + TEXT.replace(b",", b";")),
    "line ends of Windows": ("table.csv", TEXT.replace(b"\n", b"\r\n")),
    "line ends of classic Mac OS": ("table.csv", TEXT.replace(b"\n", b"\r")),
    "empty lines": ("table.csv", TEXT.replace(b"\n", b"\n\n")),
    "empty cells at the end of each line": ("table.csv", TEXT.replace(b"\n", b",\n")),
    "spaces around all cells": ("table.csv", TEXT.replace(b",", b" , ")),
    "gzip": ("table.csv.gz", gzip.compress(TEXT)),
    "gzip, of tabs": ("table.tsv.gz", gzip.compress(TEXT.replace(b",", b"\t"))),
    "gzip, of JSON lines": ("table.jsonl.gz", gzip.compress(b"".join(JSON))),
    "JSON lines": ("table.jsonl", b"".join(JSON)),
    "Parquet": ("table.parquet", as_bytes(CLASSES, "table.parquet")),
}  # fmt: skip
