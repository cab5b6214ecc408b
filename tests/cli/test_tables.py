"""A CSV in, a prediction out: the commands that a person types, in their order."""

import csv
import io
import json
import sys
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import polars as pl
import pytest

import glassnet as gn
from tests.cli.conftest import Run, failed_clearly

HEADER = "name,size,color,visits,split,kind,price,tags\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """120 rows: large blue things are of the kind a, and dear."""
    random, rows = Random(0), []
    for i in range(120):
        kind = "ab"[i % 2]
        size = random.gauss(3 + 4 * (kind == "a"), 1)
        color = "blue" if random.random() < (0.8 if kind == "a" else 0.2) else "red"
        tags = ";".join(t for t, on in (("big", size > 5), ("blue", color == "blue")) if on)
        split = "test" if i % 5 == 0 else "train"
        seen = color if i % 9 else ""
        rows.append(f"t{i},{size:.3f},{seen},{i % 7},{split},{kind},{10 * size:.2f},{tags}")
    path = tmp_path / "things.csv"
    path.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return path


KIND = ("--target", "kind", "--drop", "price", "--drop", "tags")
PRICE = ("--target", "price", "--drop", "tags", "--drop", "size")
TRAIN = ("train", "things.csv", "--hidden", "8", "--epochs", "2", "--quiet", "--name")


def test_classes_from_a_csv_to_predictions(glassnet: Run, table: Path) -> None:
    options = ("--hidden", "8", "--epochs", "12", "--learning-rate", "0.02", "--name", "run")
    done = glassnet("train", "things.csv", *KIND, *options)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == (
        "things: 86 training, 10 validation, 24 test examples of shape (5,), 2 classes"
    )
    assert lines[2] == "predicts kind: classes (2 different values)"
    cells = {line.split()[0]: " ".join(line.split()[1:]) for line in lines[5:11] if line}
    assert cells["name"] == "id 120 different values in 120 rows"
    assert cells["color"] == "category 2 different values in 106 rows 14 3"
    assert cells["visits"] == "number whole numbers from 0 to 6 1"
    assert cells["price"] == "dropped chosen"
    assert "test accuracy" in lines[-2]

    rows = table.parent / "rows.csv"
    rows.write_text("size,color,visits\n7.5,blue,1\n2.5,red,2\n", encoding="utf-8")
    done = glassnet("predict", "runs/run", "rows.csv", "--out", "out.csv")
    assert done.returncode == 0, done.stderr
    assert [line.split()[:2] for line in done.stdout.splitlines()[2:]] == [["2", "a"], ["3", "b"]]
    with open(table.parent / "out.csv", newline="") as file:
        written = list(csv.DictReader(file))
    assert [row["predicted_kind"] for row in written] == ["a", "b"]
    assert list(written[0]) == [
        "size", "color", "visits", "predicted_kind", "probability", "p(a)", "p(b)",
    ]  # fmt: skip

    done = glassnet("predict", "runs/run", "rows.csv", "--json")
    predictions = json.loads(done.stdout)["predictions"]
    assert [p["line"] for p in predictions] == [2, 3]
    assert predictions[0]["probability"] == predictions[0]["probabilities"]["a"]

    model = gn.load_model(table.parent / "runs/run")
    for frame in (pd.read_csv(rows), pl.read_csv(rows)):
        answer = model.predict(frame)
        assert type(answer) is type(frame)
        assert list(answer["predicted_kind"]) == ["a", "b"]
        np.testing.assert_allclose(answer["p(a)"], [p["probabilities"]["a"] for p in predictions])
    answer = model.predict(pd.read_csv(rows).set_axis([7, 9]))
    assert answer.index.tolist() == [7, 9]


def test_each_task_is_trained_evaluated_and_predicted(glassnet: Run, table: Path) -> None:
    for name, options, column, words in (
        ("numbers", (*PRICE, "--loss", "huber"), "predicted_price", "R²"),
        (
            "counts",
            ("--target", "visits", "--task", "counts", "--drop", "tags"),
            "predicted_visits",
            "D²",
        ),
        ("labels", ("--target", "tags", "--drop", "price"), "predicted_tags", "F1 over all labels"),
    ):
        done = glassnet(*TRAIN, name, *options)
        assert done.returncode == 0, done.stderr
        for command in (
            ("evaluate", f"runs/{name}"),
            ("report", f"runs/{name}"),
        ):
            again = glassnet(*command)
            assert again.returncode == 0, again.stderr
            assert "evaluate" not in command or words in again.stdout
        evaluated = json.loads(glassnet("evaluate", f"runs/{name}", "--json").stdout)["test"]
        metrics = json.loads((table.parent / f"runs/{name}/metrics.json").read_text())["test"]
        assert evaluated == metrics
        done = glassnet("predict", f"runs/{name}", "things.csv")
        assert column in done.stdout.splitlines()[0]
        assert "and 100 more rows" in done.stdout
        failed_clearly(glassnet("compare", f"runs/{name}", f"runs/{name}"), "named twice")
        assert "the network predicts" in glassnet("explain", f"runs/{name}").stdout


def test_predictions_of_numbers_are_in_their_unit(glassnet: Run, table: Path) -> None:
    glassnet(*TRAIN, "p", "--target", "price", "--drop", "tags", "--epochs", "60")
    glassnet("predict", "runs/p", "things.csv", "--out", "out.jsonl")
    frame = pl.read_ndjson(table.parent / "out.jsonl")
    error = (frame["predicted_price"] - frame["price"].cast(float)).abs().mean()
    assert isinstance(error, float)
    assert error < 3


@pytest.mark.parametrize("options", [KIND, PRICE])
def test_repeat_resume_and_folds(glassnet: Run, table: Path, options: tuple[str, ...]) -> None:
    assert glassnet(*TRAIN, "one", *options).returncode == 0
    done = glassnet("repeat", "runs/one", "--name", "two")
    assert "identical: repetition of" in done.stdout, done.stdout + done.stderr
    done = glassnet(*TRAIN, "one", *options, "--resume")
    assert done.returncode == 0
    done = glassnet(*TRAIN, "folds", *options, "--folds", "3")
    assert "95% over the folds" in done.stdout, done.stderr
    done = glassnet("train", "things.csv", *options, "--dry-run", "--json")
    assert json.loads(done.stdout)["seconds"]["step"] > 0
    assert "no significant difference" in glassnet("compare", "runs/one", "runs/two").stdout


def test_data_shows_the_columns(glassnet: Run, table: Path) -> None:
    done = glassnet("data", "things.csv", *PRICE, "--column", "visits=category")
    assert "predicts price: numbers" in done.stdout
    assert "visits  category  chosen" in done.stdout
    value = json.loads(glassnet("data", "things.csv", *PRICE, "--json").stdout)
    assert (value["kind"], value["task"], value["target"]) == ("table", "numbers", ["price"])
    assert {c["name"]: c["type"] for c in value["columns"]}["color"] == "category"


def test_rows_from_stdin(glassnet: Run, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    glassnet(*TRAIN, "run", *KIND)
    answers = []
    for rows in (
        "size;color;visits\n7,5;blue;1\n",
        "\ufeffvisits,size,color\n1,7.5,blue\n",
        '{"size": 7.5, "color": "blue", "visits": 1}\n',
    ):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(rows.encode())))
        done = glassnet("predict", "runs/run", "-", "--json")
        answers.append(json.loads(done.stdout)["predictions"][0]["probabilities"])
    assert answers[1:] == answers[:1] * 2


def test_wrong_input_is_one_message(glassnet: Run, table: Path) -> None:
    glassnet(*TRAIN, "run", *KIND)
    kind, price = ("train", "things.csv", *KIND), ("train", "things.csv", *PRICE)
    predict = ("predict", "runs/run")
    for arguments, words in (
        (("train", "things.csv", "--target", "knd"), "--target: unknown column 'knd'. Did you me"),
        ((*kind, "--column", "size"), "--column: must be NAME=TYPE, got 'size'"),
        ((*kind, "--network", "cnn"), "cnn is for arrays of numbers"),
        ((*kind, "--scaling", "unit"), "are standardized one by one"),
        ((*price, "--loss", "sparse_categorical_crossentropy"), "is for classes; here numbers"),
        ((*price, "--class-weight", "balanced"), "--class-weight: needs one class"),
        ((*kind, "--time", "visits", "--folds", "3"), "splits the rows"),
        (("train", "digits", "--target", "y"), "--target: is for a table, which digits is not"),
        ((*predict, "photo.png"), "is not a table, such as the model reads"),
        ((*predict, "things.csv", "more.csv"), "takes one table at a time"),
        ((*predict, "things.csv", "--out", "a.xlsx"), "is not the name of a table"),
        ((*predict, "things.csv", "--show"), "is for photos"),
        (("generate", "runs/run"), "runs/run"),
    ):
        failed_clearly(glassnet(*arguments), words)


def test_a_column_may_be_named_like_an_option(glassnet: Run, tmp_path: Path) -> None:
    rows = "\n".join(f"{i % 7}.5,{'x' if i == 9 else i % 5},{'ab'[i % 2]}" for i in range(40))
    (tmp_path / "t.csv").write_text(f"loss,time,kind\n{rows}\n")
    done = glassnet("train", "t.csv", "--target", "kind", "--column", "time=number")
    failed_clearly(done, "t.csv: line 11: time is 'x', not a number")


def test_a_text_beside_a_number_is_joined(glassnet: Run, tmp_path: Path) -> None:
    random, lines = Random(0), ["width,review,kind"]
    for i in range(160):
        word, kind = (("lovely", "a"), ("awful", "b"))[i % 2]
        lines.append(f"{random.random():.3f},a {word} film that we saw on day {i},{kind}")
    (tmp_path / "films.csv").write_text("\n".join(lines))
    options = ("--target", "kind", "--width", "16", "--name", "run")
    done = glassnet("train", "films.csv", *options)
    assert done.returncode == 0, done.stderr
    assert "joined" in (tmp_path / "runs/run/config.json").read_text()
    assert "9 words each" in done.stdout
    (tmp_path / "new.csv").write_text("review,width\nan awful film,0.5\n")
    done = glassnet("predict", "runs/run", "new.csv", "--json")
    assert json.loads(done.stdout)["predictions"][0]["predicted_kind"] == "b"
    done = glassnet("explain", "runs/run", "new.csv", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["cells"] == {"width": "0.5", "review": "an awful film"}
    words = {one["word"]: one["added"] for one in answer["words"]["review"]}
    assert max(words, key=lambda word: abs(words[word])) == "awful"
    assert answer["columns"]["review"] == pytest.approx(sum(words.values()), rel=1e-3)
    assert "vectors of 0 (review)" in answer["baseline"]
    failed_clearly(glassnet("explain", "runs/run", "new.csv", "--row", "1"), "rows 0 to 0")
    done = glassnet("train", "films.csv", *options[:2], "--from", "runs/run", "--epochs", "1")
    assert done.returncode == 0, done.stderr
    for command in (("report",), ("evaluate",), ("plot", "--kind", "importance")):
        done = glassnet(command[0], "runs/run", *command[1:])
        assert done.returncode == 0, done.stderr
