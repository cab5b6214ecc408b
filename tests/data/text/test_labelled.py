"""Tables of texts in common variants, and faulty ones."""

import csv
import time
from pathlib import Path

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data import load
from glassnet.data.text.datasets import Texts

ROWS = [(f"text {i}", "ab"[i % 2]) for i in range(20)]


def table(path: Path, rows: object = None, header: str = "text,label", mark: str = ",") -> str:
    lines = [header.replace(",", mark), *(mark.join(map(str, row)) for row in rows or ROWS)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def read(path: str, **options: str) -> Texts:
    data = load(path, **options)
    assert isinstance(data, Texts)
    return data


def test_a_fifth_of_each_class_is_for_testing_and_always_the_same(tmp_path: Path) -> None:
    data = read(table(tmp_path / "mine.csv"))
    assert data.name == "mine"
    assert data.class_names == ("a", "b")
    assert sorted(data.y_test.tolist()) == [0, 0, 1, 1]
    assert len(data.texts_train) == 16
    assert sorted((*data.texts_train, *data.texts_test)) == sorted(text for text, _ in ROWS)
    for text, label in zip(data.texts_train, data.y_train, strict=True):
        assert (text, "ab"[label]) in ROWS
    assert read(table(tmp_path / "again.csv")).sha256 == data.sha256


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "A.CSV"])
def test_separators(tmp_path: Path, mark: str, name: str) -> None:
    data = read(table(tmp_path / name, mark=mark))
    assert data.class_names == ("a", "b")


def test_quotes_line_breaks_marks_and_windows(tmp_path: Path) -> None:
    rows = ['"one, two\n""three"" é",a', "plain,b"] * 5
    text = "\r\n".join(['"Text","Label"', *rows, "", ""])
    for coding in ("utf-8", "utf-8-sig", "utf-16"):
        (tmp_path / "a.csv").write_bytes(text.encode(coding))
        data = read(str(tmp_path / "a.csv"))
        assert set(data.texts_train) == {'one, two\n"three" é', "plain"}


def test_a_split_column_and_a_test_file(tmp_path: Path) -> None:
    rows = [(text, label, "Test" if i < 4 else "train") for i, (text, label) in enumerate(ROWS)]
    path = table(tmp_path / "a.csv", rows, "text,label,split")
    data = read(path)
    assert data.texts_test == tuple(text for text, _ in ROWS[:4])
    other = table(tmp_path / "b.csv", ROWS[:6])
    data = read(table(tmp_path / "c.csv"), test_file=other)
    assert (len(data.texts_train), len(data.texts_test)) == (20, 6)
    assert "b.csv" in data.source


def test_numeric_labels_are_ordered_by_size(tmp_path: Path) -> None:
    rows = [(f"text {i}", (2, 10, -1)[i % 3]) for i in range(30)]
    assert read(table(tmp_path / "a.csv", rows)).class_names == ("-1", "2", "10")


@pytest.mark.parametrize(
    ("header", "options"),
    [
        ("Review,Sentiment", {}),
        ("words of mine,kind of it", {}),
        ("kind,utterance", {"text_column": "kind", "label_column": "utterance"}),
        ("x,z", {}),
    ],
)
def test_columns_by_name_by_choice_and_by_content(
    tmp_path: Path, header: str, options: dict[str, str], messages: list[str]
) -> None:
    data = load(table(tmp_path / "a.csv", header=header), **options)
    assert data.class_names == ("a", "b")
    first, second = header.split(",")
    assert messages == [f"texts are in column {first!r}, labels in column {second!r}"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"text,label\n", "no rows"),
        (b"text\nabc\n", "line 1: has only the column 'text'"),
        (b"text,text\na,b\n", "names a column twice"),
        (b"text,label\nhi,a\nx,b,c\n", "line 3: has 3 cells, the header has 2.* double quotes"),
        (b"text,label\nhi,a\n,b\n", "line 3: the column 'text' is empty"),
        (b"text,label\nhi,a\n\nho,\n", "line 4: the column 'label' is empty"),
        (b'text,label\n"a\nb",a\n" ",b\n', "line 4: the column 'text' is empty"),
        (b'text,label\n"hi,a\n', "line 2: can't be read as a table"),
        (b'text,label\n"hi"x,a\n', "line 2: can't be read as a table"),
        (b"text,label" + b"x" * 140_000 + b"\nhi,a\n", "line 1: can't tell which column is the"),
        (b",\n,\n", "contains only empty cells"),
        (b"text,\rlabel\nhi,a\n", "line 1: can't be read as a table"),
        (
            b"text,label\nhi,a\ncaf\xe9,b\n",
            r"line 3 is not UTF-8 text .byte 0xe9.* --encoding cp1252",
        ),
        (b"text,label\nhi,a\n\0,b\n", "line 3 contains a zero byte"),
        (b"text,label,split\nhi,a,train\nho,b,later\n", "line 3: .* has 'later'"),
        (b"text,label,split\nhi,a,train\nho,b,test\n", "label 'b', which no training row has"),
        (b"text,label\nhi,a\nho,a\nha,a\n", "only one class"),
        (b"text,label\na,1\nb,2\nc,3\nd,4\n", "4 different labels in"),
        (b"p,q\na,1\nb,2\nc,3\nd,4\n", "which column is the target: there are p, q.* --target"),
        (b"p,q,r\nlong text,1,2\nanother,1,2\nthird one,2,1\nfour,2,1\n", "--target NAME"),
    ],
)
def test_faults_are_named_with_their_line(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(GlassnetError, match=words) as caught:
        load(path)
    assert "a.csv" in str(caught.value)


def test_labels_that_are_hardly_numbers_are_names(tmp_path: Path) -> None:
    for odd in ("--5", "-", "9" * 5000):
        path = tmp_path / "odd.csv"
        path.write_text("text,label\n" + f"hi,7\nho,{odd}\n" * 9)
        assert set(load(path).class_names) == {"7", odd}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"text_column": "tex"}, "--text-column: unknown column 'tex'. Did you mean 'text'"),
        ({"label_column": "text"}, "the column 'text' has 20 different labels in 20 rows"),
        ({"label_column": "text", "target": "label"}, "--label-column: the target is 'label'"),
        ({"test_file": "nowhere.csv"}, "nowhere.csv: can't be read"),
    ],
)
def test_wrong_options(tmp_path: Path, options: dict[str, str], words: str) -> None:
    with pytest.raises(GlassnetError, match=words):
        load(table(tmp_path / "a.csv"), **options)
    with pytest.raises(GlassnetError, match=r"is for a table, which digits is not"):
        load("digits", **options)


def test_long_texts_and_line_ends_of_old_macs(tmp_path: Path) -> None:
    path, limit = tmp_path / "a.csv", csv.field_size_limit()
    path.write_text(f"text,label\n{'long ' * 40_000},a\nho,b\n" + "hi,a\nho,b\n" * 9)
    data = load(path)
    assert isinstance(data, Texts)
    assert max(map(len, data.texts_train + data.texts_test)) == 200_000
    assert csv.field_size_limit() == limit
    path.write_bytes(b"text,label\r" + b"hi,a\rho,b\r" * 9)
    assert len(load(path).y_train) == 14


@pytest.mark.slow
def test_time_is_linear_in_the_number_of_columns(tmp_path: Path) -> None:
    """Four times as many columns took 16 times as long."""
    seconds = []
    for count in (3000, 12000):
        names = ",".join(f"c{i}" for i in range(count))
        path = tmp_path / f"{count}.csv"
        path.write_text("\n".join([names, *[",".join(["x"] * count)] * 3]))
        start = time.process_time()
        with pytest.raises(GlassnetError, match="which column is the target"):
            load(path)
        seconds.append(time.process_time() - start)
    assert seconds[1] < 9 * seconds[0]
