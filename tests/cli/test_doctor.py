"""`glassnet doctor`, and what `train` makes of its findings: exit codes, JSON, files."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.doctor.given import X, Y, npz


def test_nothing_is_found_in_digits(glassnet: Run, tmp_path: Path) -> None:
    done = glassnet("doctor", "digits")
    assert (done.returncode, done.stdout) == (0, "no problems found\n")
    assert not list(tmp_path.iterdir())


def test_a_warning_does_not_stop_and_an_error_does(glassnet: Run, tmp_path: Path) -> None:
    leaking = npz(tmp_path, x_test=X[:30])
    done = glassnet("doctor", leaking, "--json")
    assert done.returncode == 0, done.stderr
    (finding,) = json.loads(done.stdout)["findings"]
    assert finding["level"] == "warning"
    assert finding["where"] == f"{leaking}: x_test"
    assert "also in the training set" in finding["what"]
    assert finding["fix"]
    trained = glassnet("train", leaking, "--epochs", "1", "--json")
    assert trained.returncode == 0, trained.stderr
    assert "also in the training set" in trained.stderr
    outcome = json.loads(trained.stdout)
    assert finding in outcome["findings"]
    saved = json.loads((tmp_path / outcome["run"] / "metrics.json").read_text())
    assert saved["findings"] == outcome["findings"]

    npz(tmp_path, x_train=X * 0)
    for command in ("doctor", "train"):
        done = glassnet(command, leaking)
        assert done.returncode == 2
        assert "x_train: all 1" in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
    assert len(list((tmp_path / "runs").iterdir())) == 1


@pytest.mark.parametrize(
    ("header", "labels", "words"),
    [
        ("text,label", ("spam", "Spam", "ham"), "'Spam' and 'spam' differ only by case"),
        ("text,label", ("spam", "None", "ham"), "reads like a missing value; likewise lines"),
        ("text,label,", ("spam,x", "ham,y"), "the columns without a name (3) are left out"),
    ],
)
def test_what_is_doubted_while_reading_is_a_finding(
    glassnet: Run, header: str, labels: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    topics = "green apple pie", "loud music tonight", "cold winter rain"
    rows = [f"{topics[i % len(labels)]} {i},{labels[i % len(labels)]}" for i in range(90)]
    (tmp_path / "a.csv").write_text("\n".join([header, *rows]))
    done = glassnet("doctor", "a.csv", "--json")
    assert done.returncode == 0
    findings = json.loads(done.stdout)["findings"]
    (finding,) = [finding for finding in findings if words in finding["what"]]
    assert finding["level"] == "warning"
    assert finding["fix"]
    assert words not in done.stderr
    printed = glassnet("doctor", "a.csv")
    assert (printed.stdout + printed.stderr).count(words) == 1
    assert "no problems found" not in printed.stdout

    trained = glassnet("train", "a.csv", "--epochs", "1", "--json", "--name", "r")
    assert trained.stderr.count(words) == 1
    assert finding in json.loads(trained.stdout)["findings"]
    again = json.loads(glassnet("doctor", "runs/r", "--json").stdout)["findings"]
    assert words in "".join(finding["what"] for finding in again)


def test_what_cannot_be_read_is_a_finding(glassnet: Run) -> None:
    done = glassnet("doctor", "nothing.npz", "--json")
    assert done.returncode == 2
    (finding,) = json.loads(done.stdout)["findings"]
    assert (finding["level"], finding["where"]) == ("error", "nothing.npz")


def test_a_run_is_examined_with_its_history(glassnet: Run, tmp_path: Path) -> None:
    run = json.loads(glassnet("train", "digits", "--epochs", "2", "--json").stdout)["run"]
    assert glassnet("doctor", run).stdout == "no problems found\n"
    history = tmp_path / run / "history.jsonl"
    losses = ((1.0, 1.0), (0.8, 0.5), (0.6, 0.6), (0.4, 0.8), (0.2, 1.0))
    history.write_text(
        "".join(
            json.dumps({"epoch": i, "loss": loss, "val_loss": watched}) + "\n"
            for i, (loss, watched) in enumerate(losses)
        )
    )
    done = glassnet("doctor", run)
    assert done.returncode == 0
    assert "warning: the validation loss: rose from 0.5 in epoch 2" in done.stdout


def test_a_fine_tuning_is_examined_without_training(glassnet: Run, tmp_path: Path) -> None:
    data = npz(tmp_path)
    options = ("--hidden", "8", "--learning-rate", "0.05", "--name", "source")
    done = glassnet("train", data, *options)
    assert done.returncode == 0, done.stderr
    others = npz(tmp_path, y_train=(Y + 1) % 3)
    done = glassnet("doctor", others, "--from", "runs/source", "--learning-rate", "1e-3")
    assert done.returncode == 0, done.stderr
    assert "layer 'dense_1' is kept" in done.stderr
    assert "warning: the head: keeps its outputs, because there are as many" in done.stdout
    done = glassnet(
        "doctor", others, "--from", "runs/source", "--unfreeze-at", "9", "--epochs", "9"
    )
    assert done.returncode == 2
    assert "--unfreeze-at: must be below the number of epochs, 9" in done.stdout
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {"source"}
    done = glassnet("doctor", "runs/source", "--from", "runs/source", "--lora", "2")
    assert done.returncode == 2
    assert "--from, --lora: runs/source is a run, which has its settings already" in done.stderr


def test_a_training_that_diverges_at_once_leaves_no_folder(glassnet: Run, tmp_path: Path) -> None:
    data = npz(tmp_path)
    done = glassnet(
        "train", data, "--optimizer", "sgd", "--learning-rate", "1e30", "--schedule", "constant",
        "--loss", "mean_squared_error", "--output-activation", "linear", "--batch-size", "16",
    )  # fmt: skip
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "error: epoch 1, step" in done.stderr
    assert "There was no checkpoint before it, and runs/data-1 was removed" in done.stderr
    assert not (tmp_path / "runs/data-1").exists()
