"""Tables as Excel, Kaggle and pandas write them, and faulty encodings."""

import csv
from io import StringIO
from pathlib import Path
from random import Random

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data import load
from glassnet.data.sources import delimited_files
from glassnet.data.sources.tables import read_table
from glassnet.data.sources.text_files import utf8_of

ROWS = [f"{'ham' if i % 2 else 'spam'},a text with the number {i}" for i in range(20)]
CODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-32")


def write(path: Path, header: str, end: str = "", rows: list[str] = ROWS) -> str:
    path.write_text("\n".join([header, *(row + end for row in rows)]) + "\n", encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("end", [",,,", "", ",", ",,,,,"])
def test_columns_without_a_name_are_left_out(tmp_path: Path, end: str, messages: list[str]) -> None:
    path = write(tmp_path / "spam.csv", "v1,v2,,,", end)
    assert load(path).class_names == ("ham", "spam")
    assert messages == ["texts are in column 'v2', labels in column 'v1'"]


def test_text_in_a_column_without_a_name_is_announced(tmp_path: Path, messages: list[str]) -> None:
    rows = [*ROWS, "ham,cut off, here,,", "ham,a,, and here,"]
    load(write(tmp_path / "spam.csv", "v1,v2,,,", rows=rows))
    (warning,) = (m for m in messages if m.startswith("warning"))
    assert "(3, 4, 5) are left out, but 2 of their cells hold text, the first in line 22" in warning
    with pytest.raises(GlassnetError, match=r"line 22: has 5 cells, the header has 2"):
        load(write(tmp_path / "spam.csv", "v1,v2", rows=rows))


def test_the_index_of_pandas_is_left_out(tmp_path: Path, messages: list[str]) -> None:
    rows = [f"{i},{row}" for i, row in enumerate(ROWS)]
    path = write(tmp_path / "a.csv", ",label,text", rows=rows)
    assert load(path).class_names == ("ham", "spam")
    assert len(messages) == 1
    for name in ("", "tex"):
        with pytest.raises(GlassnetError, match=r"unknown column .* Known: label, text\."):
            load(path, text_column=name)


def both(
    text: str, path: Path
) -> tuple[list[tuple[str, ...]] | None, list[tuple[str, ...]] | None]:
    """The rows as `read_table` and as Python's csv reads them; None if they raise."""
    path.write_bytes(text.encode())
    try:
        ours = [tuple(cell or "" for cell in row) for row in read_table(str(path)).frame.rows()]
    except GlassnetError:
        ours = None
    try:
        rows = [
            r for r in csv.reader(StringIO(text, newline=""), strict=True) if "".join(r).strip()
        ]
    except csv.Error:
        rows = []
    right = all(len(row) >= 2 and not "".join(row[2:]).strip() for row in rows)
    return ours, [tuple(row[:2]) for row in rows[1:]] or None if right else None


@pytest.mark.parametrize("seed", range(3))
def test_cells_are_those_of_python_s_csv_in_any_form(tmp_path: Path, seed: int) -> None:
    """polars alone fills short rows, and takes quotes inside cells for their ends."""
    random = Random(seed)
    parts = ["a", "1", ",", ",", "\n", "\r\n", '"', '""', '"a"', '"b\nc"', " "]
    read = 0
    for _ in range(300):
        text = "p,q\n" + "".join(random.choices(parts, k=random.randint(1, 14)))
        ours, csvs = both(text, tmp_path / "a.csv")
        assert ours == csvs, text
        read += ours is not None
    assert read >= 20


def test_rows_are_found_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "p,q\r\n" + 'a,"one\r\n\r\ntwo ""x"", y"\r\n\r\nb,2\r\n' * 3 + "c,3"
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode())
    monkeypatch.setattr(delimited_files, "_rewritten", None)  # only for what is irregular
    for size in range(1, 12):
        monkeypatch.setattr(delimited_files, "_BLOCK", size)
        table = read_table(str(path))
        assert table.numbers.tolist() == [2, 6, 7, 11, 12, 16, 17]
        assert table.frame.rows()[-2:] == [("b", "2"), ("c", "3")]


@pytest.mark.parametrize("mark", [";", ",", "\t", "|"])
@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("coding", CODINGS)
def test_the_first_line_of_excel(tmp_path: Path, mark: str, quote: str, coding: str) -> None:
    lines = ["kind,text", 'a,"one\ntwo, 3"', "b,x", "b"]
    text = "\r\n".join([f"{quote}sep={mark}{quote}", *lines]).replace(",", mark)
    (tmp_path / "a.csv").write_bytes(text.encode(coding))
    with pytest.raises(GlassnetError, match="line 6: has 1 cells, the header has 2"):
        read_table(str(tmp_path / "a.csv"))
    (tmp_path / "a.csv").write_bytes(text[:-3].encode(coding))
    table = read_table(str(tmp_path / "a.csv"))
    assert table.columns == ["kind", "text"]
    assert table.frame.rows() == [("a", f"one\ntwo{mark} 3"), ("b", "x")]
    assert table.numbers.tolist() == [3, 5]


def test_the_suffix_decides_between_equal_delimiters(tmp_path: Path) -> None:
    text = "label\tmessage, as sent\nspam\thello, you\n"
    for name, header in (("a.tsv", ["label", "message, as sent"]), ("a.csv", ["label\tmessage"])):
        (tmp_path / name).write_text(text)
        assert read_table(str(tmp_path / name)).columns[: len(header)] == header


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (
            "text,label\nhi,a\ncafé,b\n".encode("latin-1"),
            r"line 3 .* 0xe9\); .* in Windows-1252 or Latin-1 ",
        ),
        ("text,label\nit’s,b\n".encode("cp1252"), r"line 2 .* 0x92\); .* in Windows-1252 or"),
        (
            "\ufefftext,label\nhi,é\n".encode("utf-16-le")[:-1],
            r"line 2 is not UTF-16 text .*; the file is damaged",
        ),
        ("text,label\nhi,a\n".encode("utf-16-le"), "line 1 .* UTF-16 without a byte order mark"),
        ("text,label\nhi,a\n".encode("utf-16-be"), "line 1 .* UTF-16 without a byte order mark"),
        (b"text,label\nhi,a\nh\0o,b\n", "line 3 contains a zero byte: this is not a text file"),
    ],
)
def test_other_encodings_are_named_with_their_line(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(GlassnetError, match=words):
        utf8_of(str(tmp_path / "a.csv"))


@pytest.mark.parametrize(
    ("header", "row", "words"),
    [
        ("see you 0,ham", "see you {i},{ham}", "its 'ham' is also a label below"),
        ("ham,see you 0", "{ham},see you {i}", "its 'ham' is also a label below"),
        ("see you 0,HAM", "see you {i},{ham}", "its 'HAM' is also a label below"),
        ("1,see you,0", "{i},see you {i},{one}", "its '0' is also a label below"),
        ("see you,5", "see you {i},{one}", "its '5' is a number, as the labels below are"),
        ("I will see you in town,news", "see you {i},{ham}", "'I will see .*reads like a text"),
    ],
)
def test_a_table_without_a_header_is_refused(
    tmp_path: Path, header: str, row: str, words: str
) -> None:
    rows = [row.format(i=i, ham=("ham", "spam")[i % 2], one=i % 2) for i in range(1, 30)]
    path = write(tmp_path / "a.csv", header, rows=rows)
    with pytest.raises(GlassnetError, match=f"line 1: is probably an example, .*{words}") as caught:
        load(path)
    assert "Add a first line that names the columns, such as text,label" in str(caught.value)
    text, label = (
        [*header.split(",")][i] for i in ((1, 0) if row.startswith("{ham}") else (-2, -1))
    )
    assert len(load(path, text_column=text, label_column=label).class_names) == 2


@pytest.mark.parametrize(
    "header", ["v1,v2", "spam or not,what they wrote", "label,spam", "ham,text"]
)
def test_a_header_is_not_taken_for_an_example(tmp_path: Path, header: str) -> None:
    assert load(write(tmp_path / "a.csv", header)).class_names == ("ham", "spam")


def test_the_names_of_data_include_all_files() -> None:
    with pytest.raises(GlassnetError, match=r"FILE\.npz, FILE\.tsv, FILE\.txt"):
        load("mnistt")
