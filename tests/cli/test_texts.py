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
    failed_clearly(glassnet("predict", run, "texts.csv"), "is a file, not a text", "$(cat")
    failed_clearly(glassnet("generate", run), "can't generate text")
    assert glassnet("plot", run).returncode == 0
    table.unlink()
    failed_clearly(glassnet("evaluate", run), "texts.csv", "no such file")


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
        (("digits", "--text-column", "a"), ("--text-column", "table of texts")),
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
