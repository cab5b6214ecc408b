"""Texts from a table to a prediction, and from a long text to its continuation."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run, failed_clearly

GOOD, BAD = "lovely fine great", "awful poor dull"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rows = [f'"The film, number {i}, was {(BAD, GOOD)[i % 2].split()[i % 3]}.",{"-+"[i % 2]}'
            for i in range(120)]  # fmt: skip
    path = tmp_path / "texts.csv"
    path.write_text("\n".join(["review,verdict", *rows]), encoding="utf-8")
    return path


@pytest.mark.parametrize("network", ["text-transformer", "gru"])
def test_a_table_is_learned_and_asked(glassnet: Run, table: Path, network: str) -> None:
    small = ("--depth", "1") if network == "gru" else ("--width", "16", "--heads", "2")
    done = glassnet(
        "train", "texts.csv", "--network", network, *small, "--batch-size", "16",
        "--learning-rate", "0.01", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "texts are in column 'review', labels in column 'verdict'" in done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["test"]["accuracy"] > 0.9
    assert outcome["test"]["count"] == 24
    run = outcome["run"]
    assert json.loads(glassnet("evaluate", run, "--json").stdout)["test"] == outcome["test"]

    texts = ("The film, number 3, was great.", "The film, number 5, was awful.")
    asked = glassnet("predict", run, *texts, "--json")
    first, second = json.loads(asked.stdout)["predictions"]
    assert (first["class"], second["class"]) == ("+", "-")
    assert first["text"] == texts[0]
    shown = glassnet("predict", run, "it was a great film " * 20).stdout
    assert "truncated to" in shown
    assert "+" in shown
    failed_clearly(glassnet("predict", run, " "), "text 1", "is empty")
    failed_clearly(glassnet("predict", run, "no.txt"), "no.txt: can't be read: No such file")
    table_and_files_are_predicted_alike(glassnet, run, table.parent)
    failed_clearly(glassnet("generate", run), "can't generate text")
    assert glassnet("plot", run).returncode == 0
    table.unlink()
    failed_clearly(glassnet("evaluate", run), "texts.csv", "no such file")


def table_and_files_are_predicted_alike(glassnet: Run, run: str, place: Path) -> None:
    words = [f"The film, number 3, was {word}." for word in ("great", "awful")]
    (place / "more").mkdir()
    for name, text in zip("ab", words, strict=True):
        (place / f"more/{name}.txt").write_text(text)
    (place / "rows.csv").write_text("\n".join(["review", *(f'"{text}"' for text in words)]))
    entries = json.loads(glassnet("predict", run, *words, "--json").stdout)["predictions"]
    expected = [one["probabilities"] for one in entries]
    for subject, names in (("rows.csv", [2, 3]), ("more", ["more/a.txt", "more/b.txt"])):
        done = glassnet("predict", run, subject, "--json", "--out", "out.csv")
        answers = json.loads(done.stdout)["predictions"]
        assert [one["probabilities"] for one in answers] == expected
        assert [one["predicted_verdict"] for one in answers] == ["+", "-"]
        assert [one.get("line", one.get("file")) for one in answers] == names
        assert "predicted_verdict" in (place / "out.csv").read_text()


def test_columns_and_test_files_are_remembered(glassnet: Run, table: Path, tmp_path: Path) -> None:
    text = table.read_text().replace("review,verdict", "kind,what")
    table.write_text(text)
    (tmp_path / "other.csv").write_text("\n".join(text.splitlines()[:31]))
    said = ("--text-column", "kind", "--label-column", "what", "--test-file", "other.csv")
    done = glassnet("train", "texts.csv", *said, "--epochs", "1", "--tokenizer", "byte", "--json")
    outcome = json.loads(done.stdout)
    assert outcome["test"]["count"] == 30
    assert (
        json.loads(glassnet("evaluate", outcome["run"], "--json").stdout)["test"]
        == (outcome["test"])
    )
    shown = json.loads(glassnet("data", "texts.csv", *said, "--json").stdout)
    assert (shown["kind"], shown["train"], shown["test"]) == ("texts", 120, 30)


def test_predict_reads_the_encoding_of_the_run(glassnet: Run, table: Path, tmp_path: Path) -> None:
    table.write_text(table.read_text().replace("film", "f\xeflm"), encoding="cp1252")
    options = ("--encoding", "cp1252", "--epochs", "1", "--no-report", "--name", "run")
    assert glassnet("train", "texts.csv", "--network", "gru", *options).returncode == 0
    done = glassnet("predict", "runs/run", "texts.csv", "--out", "out.csv", "--quiet")
    assert done.returncode == 0, done.stderr
    assert "The f\xeflm, number 3" in (tmp_path / "out.csv").read_text(encoding="utf-8")


def test_a_long_text_is_continued(glassnet: Run, tmp_path: Path) -> None:
    (tmp_path / "book.txt").write_text("the cat sat on the mat. " * 300)
    done = glassnet(
        "train", "book.txt", "--width", "16", "--depth", "1", "--heads", "2", "--max-length", "16",
        "--epochs", "12", "--batch-size", "16", "--learning-rate", "0.02",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "bits per byte" in done.stdout
    assert "from byte frequencies alone" in done.stdout
    run = "runs/book-1"
    told = json.loads(glassnet("evaluate", run, "--json").stdout)["test"]
    assert told["bits_per_byte"] < 1 < told["by_frequency"]
    text = glassnet("generate", run, "--prompt", "the c", "--length", "9", "--temperature", "0")
    assert text.stdout == "the cat sat on\n"
    drawn = [glassnet("generate", run, "--seed", seed, "--json").stdout for seed in ("1", "1")]
    assert drawn[0] == drawn[1]
    assert json.loads(drawn[0])["text"].startswith("\n")
    failed_clearly(
        glassnet("predict", run, "the"), "generates text and has no classes", "glassnet generate"
    )


def test_scripts_without_spaces_and_unknown_words(glassnet: Run, tmp_path: Path) -> None:
    characters = "这个电影我们昨天晚上在家里一起看了剧情演员音乐画面都让人印象深刻"
    rows = []
    for i in range(200):
        sentence = "".join(characters[(i * 7 + j * j) % len(characters)] for j in range(8))
        at = i * 5 % 9
        rows.append(f"{sentence[:at]}{'坏好'[i % 2]}{sentence[at:]},{'np'[i % 2]}")
    (tmp_path / "c.csv").write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    done = glassnet(
        "train", "c.csv", "--network", "gru", "--units", "8", "--embedding", "8", "--epochs", "20",
        "--learning-rate", "0.02", "--batch-size", "16", "--json",
    )  # fmt: skip
    assert "each character is read as a word (--tokenizer byte" in done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["test"]["accuracy"] > 0.9
    shown = glassnet("predict", outcome["run"], "这好", "xyz", "好q", "q " * 99).stdout
    assert "这好 (whole)" in shown
    assert "xyz (whole; no word of it is known, so the prediction says nothing about it)" in shown
    assert "好q (whole; 1 of 2 words unknown)" in shown
    assert "tokens; no word of it is known" in shown


def test_what_would_control_a_terminal_is_shown_as_escapes(glassnet: Run, tmp_path: Path) -> None:
    hostile, escaped = "a\x1b[31m\u202e\r\x07\u2066", r"a\u001b[31m\u202e\u000d\u0007\u2066"
    rows = "".join(f"{'good' if i % 2 else 'bad'} {i},{i % 2}\n" for i in range(40))
    for name in (hostile, "b\udcff"):
        (tmp_path / f"{name}.csv").write_text("text,label\n" + rows)
    options = ("--network", "gru", "--units", "4", "--embedding", "4", "--epochs", "1")
    done = glassnet("train", f"{hostile}.csv", *options, "--name", "r")
    assert done.returncode == 0
    assert glassnet("report", "runs/r").returncode == 0
    page = (tmp_path / "runs/r/report.html").read_text()
    asked = [glassnet("predict", "runs/r", f"good {hostile}", *json_too)
             for json_too in ((), ("--json",))]  # fmt: skip
    for text in (done.stdout, done.stderr, page, *(one.stdout for one in asked)):
        assert all(c not in text for c in hostile[1] + hostile[6:])
    assert escaped in done.stdout
    assert escaped in page
    assert json.loads(asked[1].stdout)["predictions"][0]["text"] == f"good {hostile}"
    assert "run runs/a__31m____-1\n" in glassnet("train", f"{hostile}.csv", *options).stdout
    odd = glassnet("train", "b\udcff.csv", *options)
    failed_clearly(odd, r"b\udcff.csv", "not a name in utf-8")
    (tmp_path / f"{hostile}.jsonl").write_text("x")
    failed_clearly(glassnet("predict", "runs/r", f"{hostile}.jsonl"), escaped, "is not JSON")


def test_the_names_of_data_sets(glassnet: Run) -> None:
    shown = glassnet("data").stdout
    for name in ("digits", "docstrings", "fashion-mnist", "python-reference"):
        assert name in shown
    told = json.loads(glassnet("data", "python-reference", "--json").stdout)
    assert (told["kind"], told["classes"]) == ("corpus", [])
    assert "Python's language reference" in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("digits", "--network", "lstn"), ("--network", "did you mean", "lstm")),
        (("digits", "--network", "lstm", "--filters", "3"), ("filters", "lenet, cnn, resnet")),
        (("digits", "--network", "cnn", "--filters", "3,x"), ("--filters", "3,x")),
        (("digits", "--network", "text-transformer"), ("--network", "texts", "mlp, lenet")),
        (("digits", "--tokenizer", "byte"), ("--tokenizer", "is for texts")),
        (("digits", "--text-column", "a"), ("--text-column", "is for a table")),
        (("texts.csv", "--network", "cnn"), ("--network", "texts with labels")),
        (("texts.csv", "--text-column", "revue"), ("--text-column", "did you mean", "review")),
        (("texts.csv", "--max-length", "0"), ("--max-length", "0")),
        (("texts.csv", "--tokenizer", "byte", "--vocabulary", "9"), ("--vocabulary",)),
        (("texts.csv", "--heads", "3"), ("heads", "width")),
        (("nothing.csv",), ("nothing.csv", "no such file")),
    ],
)
def test_wrong_choices(
    glassnet: Run, table: Path, tmp_path: Path, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    failed_clearly(glassnet("train", *arguments), *words)
    assert not (tmp_path / "runs").exists()
