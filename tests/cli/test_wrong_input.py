"""Wrong input: exit 2, one message that says what and where, no traceback, nothing left behind."""

import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.attacks import ATTACKS
from tests.cli.conftest import Run, failed_clearly, in_this_process


def npz(path: Path, **changes: np.ndarray) -> str:
    rng = np.random.default_rng(0)
    arrays = {
        "x_train": rng.normal(size=(60, 5)).astype(np.float32),
        "y_train": np.arange(60) % 3,
        "x_test": rng.normal(size=(12, 5)).astype(np.float32),
        "y_test": np.arange(12) % 3,
    }
    np.savez(path, **(arrays | changes))
    return str(path)


def test_a_good_npz_trains(glassnet: Run, tmp_path: Path) -> None:
    done = glassnet("train", npz(tmp_path / "good.npz"), "--epochs", "1", "--hidden", "4")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"x_train": np.full((60, 5), np.nan)}, ("x_train", "NaN")),
        ({"x_test": np.full((12, 5), np.inf)}, ("x_test",)),
        ({"y_train": np.arange(60)[:50] % 3}, ("y_train", "50", "60")),
        ({"y_test": np.full(12, 7)}, ("y_test", "7")),
        ({"y_train": np.arange(60) % 3 - 1}, ("y_train", "-1")),
        ({"x_test": np.zeros((12, 6), np.float32)}, ("x_test", "6")),
        ({"y_train": np.arange(60) % 3 + 0.5}, ("y_train", "whole")),
    ],
)
def test_npz_faults(
    glassnet: Run, tmp_path: Path, changes: dict[str, np.ndarray], words: tuple[str, ...]
) -> None:
    failed_clearly(glassnet("train", npz(tmp_path / "bad.npz", **changes)), "bad.npz", *words)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("train", "digits", "--folds", "3", "--name", "a", "--resume", "--dry-run"),
            ("--dry-run with --resume, --folds", "Leave"),
        ),
        (("train", "nothing.npz"), ("nothing.npz", "no such file")),
        (("train", "fashon-mnist"), ("did you mean", "fashion-mnist")),
        (("train", "digits", "--optimizer", "adm"), ("did you mean", "adam")),
        (("train", "digits", "--activation", "rellu"), ("did you mean", "relu")),
        (
            ("train", "digits", "--loss", "mean_squard_error"),
            ("did you mean", "mean_squared_error"),
        ),
        (("train", "digits", "--schedule", "cosin"), ("did you mean", "cosine")),
        (("train", "digits", "--optimiser", "adam"), ("--optimizer",)),
        (("train", "digits", "--hidden", "12,x"), ("--hidden", "12,x")),
        (("train", "digits", "--hidden", "0"), ("--hidden", "'0'")),
        (("train", "digits", "--clip", "0"), ("--clip",)),
        (("train", "digits", "--max-time", "1x"), ("--max-time", "1x")),
        (("train", "digits", "--epochs", "0"), ("epochs", "0")),
        (("train", "digits", "--batch-size", "-1"), ("batch", "-1")),
        (("train", "digits", "--learning-rate", "0"), ("--learning-rate",)),
        (("train", "digits", "--dropout", "1"), ("rate", "1")),
        (("train", "digits", "--validation-split", "1.5"), ("1.5",)),
        (("train", "digits", "--early-stopping", "2", "--validation-split", "0"), ("validation",)),
        (("train", "digits", "--output-activation", "relu"), ("probabilities", "softmax")),
        (("train", "digits", "--name", "../up"), ("../up",)),
        (("train", "digits", "--augment", "bogus"), ("bogus",)),
        (("train", "digits", "--scaling", "bogus"), ("--scaling", "bogus")),
        (("train", "digits", "--seed", "-1"), ("seed",)),
        (("trian",), ("did you mean", "train")),
        (("evaluate", "nowhere"), ("nowhere",)),
        (("summary", "nowhere"), ("nowhere",)),
        (("predict", "nowhere", "a.png"), ("nowhere",)),
        (("data", "digit"), ("did you mean", "digits")),
    ],
)
def test_options_and_names(
    glassnet: Run, tmp_path: Path, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    failed_clearly(glassnet(*arguments), *words)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("damage", ["truncate", "flip", "labels"])
def test_damaged_fashion_mnist_files(glassnet: Run, tmp_path: Path, damage: str) -> None:
    from glassnet.data import load

    folder = tmp_path / "files"
    folder.mkdir()
    data = load("fashion-mnist")
    for name, x, y in (("train", data.x_train, data.y_train), ("t10k", data.x_test, data.y_test)):
        header = bytes((0, 0, 8, 3)) + np.array(x.shape, ">u4").tobytes()
        images = gzip.compress(header + x.tobytes(), 1)
        labels = gzip.compress(
            bytes((0, 0, 8, 1)) + np.array(y.shape, ">u4").tobytes() + y.astype(np.uint8).tobytes()
        )
        (folder / f"{name}-images-idx3-ubyte.gz").write_bytes(images)
        (folder / f"{name}-labels-idx1-ubyte.gz").write_bytes(labels)
    broken = folder / "train-images-idx3-ubyte.gz"
    if damage == "truncate":
        broken.write_bytes(broken.read_bytes()[:-1000])
    elif damage == "flip":
        content = bytearray(gzip.decompress(broken.read_bytes()))
        content[3] ^= 1
        broken.write_bytes(gzip.compress(bytes(content), 1))
    else:
        broken = folder / "train-labels-idx1-ubyte.gz"
        content = bytearray(gzip.decompress(broken.read_bytes()))
        content[100] = 10
        broken.write_bytes(gzip.compress(bytes(content), 1))
    failed_clearly(glassnet("train", "--data-dir", str(folder)), broken.name)


def test_a_folder_that_cannot_be_written(glassnet: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    failed_clearly(glassnet("train", "digits", "--out", "file/runs"), "file", "--out")
    failed_clearly(glassnet("train", "digits", "--out", "/proc/runs"), "/proc", "--out")


def test_a_run_is_never_overwritten(glassnet: Run) -> None:
    first = ("train", "digits", "--epochs", "1", "--name", "mine")
    assert glassnet(*first).returncode == 0
    failed_clearly(glassnet(*first), "mine", "exists")


def test_a_full_disk_ends_in_one_message(tmp_path: Path) -> None:
    program = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))\n"
        "from glassnet.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "train", "digits", "--epochs", "1"],
        capture_output=True, text=True, cwd=tmp_path, timeout=120,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},  # or half a .pyc would be left
    )  # fmt: skip
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "checkpoint.safetensors: can't be written" in done.stderr
    assert not list((tmp_path / "runs/digits-1").glob("*.part"))


def test_pictures_that_are_none(glassnet: Run, tmp_path: Path) -> None:
    assert glassnet("train", "digits", "--epochs", "1", "--name", "a").returncode == 0
    (tmp_path / "text.png").write_text("not a picture")
    failed_clearly(glassnet("predict", "runs/a", "text.png"), "text.png")
    failed_clearly(glassnet("predict", "runs/a", "missing.jpg"), "missing.jpg")
    shutil.rmtree(tmp_path / "runs/a", ignore_errors=os.name == "nt")
    failed_clearly(glassnet("evaluate", "runs/a"), "runs/a")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--optimizer", "sgd", "--learning-rate", "1e9", "--loss", "mse",
          "--output-activation", "linear"), ("epoch 1, step", "learning rate")),
        (("--learning-rate", "inf"), ("--learning-rate",)),
        (("--l2", "inf"), ("l2",)),
        (("--hidden", "", "--dropout", "0.5"), ("--dropout",)),
        (("--hidden", "128,,64"), ("--hidden",)),
        (("--hidden", "100000000000"), ("memory",)),
        (("--data-dir", "/nonexistent"), ("--data-dir",)),
    ],
)  # fmt: skip
def test_what_cannot_go_well(
    glassnet: Run, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    done = glassnet("train", "digits", *arguments, "--json")
    failed_clearly(done, *words)
    assert "Warning" not in done.stderr


def test_an_altered_run_folder(glassnet: Run, tmp_path: Path) -> None:
    assert glassnet("train", "digits", "--epochs", "1", "--name", "a").returncode == 0
    good = (tmp_path / "runs/a/history.jsonl").read_text()
    (tmp_path / "runs/a/history.jsonl").write_text("")
    failed_clearly(glassnet("plot", "runs/a"), "history.jsonl")
    (tmp_path / "runs/a/history.jsonl").write_text("{}")
    failed_clearly(glassnet("plot", "runs/a"), "history.jsonl")
    (tmp_path / "runs/a/history.jsonl").write_text(good)
    (tmp_path / "runs/a/config.json").write_text("{}")
    for command in ("plot", "evaluate"):
        failed_clearly(glassnet(command, "runs/a"), "config.json")


def test_a_model_file_from_a_stranger(glassnet: Run, tmp_path: Path) -> None:
    assert glassnet("train", "digits", "--epochs", "1", "--name", "a").returncode == 0
    path = tmp_path / "runs/a/model.safetensors"
    good = path.read_bytes()
    for attack in ("a class to import", "a pickle", "outputs of terabytes"):
        make, word = ATTACKS[attack]
        path.write_bytes(make(good))
        for command in (("summary", "runs/a"), ("evaluate", "runs/a"), ("predict", "runs/a", "x")):
            done = glassnet(*command)
            failed_clearly(done, "model.safetensors", word)
            assert done.stderr.count("\n") == 1


def test_a_run_can_be_evaluated_from_another_folder(glassnet: Run, tmp_path: Path) -> None:
    npz(tmp_path / "mine.npz")
    assert glassnet("train", "mine.npz", "--epochs", "1", "--name", "a").returncode == 0
    (tmp_path / "sub").mkdir()
    done = in_this_process(tmp_path / "sub", "evaluate", "../runs/a")
    assert done.returncode == 0, done.stderr


def test_pixels_below_zero_are_scaled_too(glassnet: Run, tmp_path: Path) -> None:
    import json

    rng = np.random.default_rng(0)
    y = np.arange(300) % 3
    x = rng.normal(size=(300, 5)) + np.eye(5)[y] * 6 - 100
    path = npz(tmp_path / "low.npz", x_train=x, y_train=y, x_test=x[:30], y_test=y[:30])
    done = glassnet("train", path, "--epochs", "60", "--batch-size", "16", "--json")
    assert json.loads(done.stdout)["test"]["accuracy"] > 0.9


def test_a_terminal_without_unicode_and_a_closed_pipe(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from glassnet.cli import main; main()"]
    train = [*command, "train", "digits", "--epochs", "1"]
    env = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(train, capture_output=True, text=True, cwd=tmp_path, env=env)
    assert done.returncode == 0, done.stderr
    closed = subprocess.Popen([*command, "data", "digits"], stdout=subprocess.PIPE, stderr=-3)
    assert closed.stdout is not None
    closed.stdout.close()
    assert closed.wait(60) == 141
