"""Runs that were killed, interrupted or refused by the system go on as if nothing had happened."""

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet.cli.repeat import _lines
from glassnet.core.errors import GlassnetError
from glassnet.runs.repeat import repeat_run
from glassnet.runs.resume import resume_training
from glassnet.runs.run import Run
from glassnet.training.callbacks.backup_and_restore import FILES
from tests import crashing
from tests.cli.conftest import after_an_epoch, failed_clearly, in_a_process
from tests.cli.conftest import in_this_process as glassnet

ROOT = Path(__file__).parents[2]
needs_jax = pytest.mark.skipif(find_spec("jax") is None, reason="JAX is not installed")


def killed(engine: str, kills: int, seed: int, root: Path) -> dict[str, Any]:
    """The tally of a program that does nothing but kill."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.crashing", engine, str(kills), str(seed), str(root)],
        capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    tally: dict[str, Any] = json.loads(done.stdout)
    return tally


@pytest.mark.parametrize(
    ("engine", "kills"),
    [("numpy", 16), ("numpy+from", 8), pytest.param("jax", 3, marks=[needs_jax, pytest.mark.slow])],
)
def test_killed_runs_end_in_the_same_bits(engine: str, kills: int, tmp_path: Path) -> None:
    tally = killed(engine, kills, 0, tmp_path)
    assert tally["identical"] == tally["runs"] > 0
    assert tally["killed at"] + tally["at times"] >= kills


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["numpy", "numpy+from", pytest.param("jax", marks=needs_jax)])
def test_200_kills(engine: str, tmp_path: Path) -> None:
    tally = killed(engine, 200, 1, tmp_path)
    sys.stdout.write(f"{tally}\n")
    assert tally["identical"] == tally["runs"] > 67
    assert tally["runs"] >= tally["operations"]  # each was the first run's end once
    assert tally["killed at"] + tally["at times"] >= 200


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the small run of `crashing` comes to."""
    root = tmp_path_factory.mktemp("whole")
    crashing.data_file(root / "data.npz")
    crashing.train(root / "run")
    return crashing.result(root / "run")


ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES)


def test_every_refusal_of_the_system_leaves_the_old_files(
    tmp_path: Path, whole: dict[str, Any]
) -> None:
    """At the last operation of each kind on each file, one error in turn; then the run goes on."""
    crashing.data_file(tmp_path / "data.npz")
    operations = crashing.count(tmp_path / "counted")
    assert {operation for operation, _ in operations} == set(crashing.OPERATIONS)
    last = {
        (kind, re.sub(r"\.\w+\.part$", "", name)): i for i, (kind, name) in enumerate(operations, 1)
    }
    for (operation, name), at in last.items():
        folder, number = tmp_path / "run", ERRORS[at % 3]
        before: dict[str, bytes] = {}
        done = 0

        def act(kind: str, path: Path, half: Callable[[], None]) -> None:
            nonlocal done, before
            done += 1
            if done == at:  # noqa: B023
                files = folder.glob("*") if folder.exists() else ()  # noqa: B023
                before = {file.name: file.read_bytes() for file in files if file.suffix != ".part"}
                half()
                raise OSError(number, os.strerror(number), str(path))  # noqa: B023

        told = ""
        with crashing.watched(folder, act):
            try:
                crashing.train(folder)
            except GlassnetError as error:
                told = str(error)
        after = {file.name: file.read_bytes() for file in folder.glob("*")}
        assert os.strerror(number) in told, (operation, name, told)
        assert str(folder) in told, (operation, name, told)
        assert not [file for file in after if file.endswith(".part")], (operation, name)
        for file, content in before.items():
            if file != "history.jsonl":  # what was appended is dropped when it goes on
                assert after[file] == content or file == "model.safetensors", (operation, file)
        if "metrics.json" not in after:
            crashing.train(folder)
        assert crashing.result(folder) == whole, (operation, name)
        shutil.rmtree(folder)


SMALL = ("digits", "--hidden", "8", "--dropout", "0.1")


def started(tmp_path: Path, *options: str) -> "subprocess.Popen[str]":
    """A long training in the background that has trained an epoch."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from glassnet.cli import main; main()", "train", *SMALL,
         "--epochs", "100000", "--name", "long", "--checkpoint-seconds", "0", *options],
        cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    return after_an_epoch(process)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_on_the_command_line(tmp_path: Path, number: int, code: int) -> None:
    process = started(tmp_path)
    process.send_signal(number)
    _, told = process.communicate()
    assert process.returncode == code
    assert "Traceback" not in told
    assert "to resume: glassnet resume runs/long" in told
    folder = tmp_path / "runs/long"
    assert {"checkpoint.safetensors", "model.safetensors"} <= {p.name for p in folder.iterdir()}


def test_a_second_signal_ends_at_once(tmp_path: Path) -> None:
    process = started(tmp_path)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate()
    assert process.returncode == 143
    assert "Traceback" not in told


def test_two_processes_do_not_train_one_run(tmp_path: Path) -> None:
    process = started(tmp_path)
    try:
        failed_clearly(glassnet(tmp_path, "resume", "runs/long"), "trained by another process")
    finally:
        process.kill()
        process.communicate()


def test_resume_and_train_resume(tmp_path: Path) -> None:
    """Killed, gone on with, finished, made longer; and what other options and data come to."""
    constant = ("--schedule", "constant", "--checkpoint-steps", "5", "--batch-size", "100")
    train = ("train", *SMALL, *constant)
    assert glassnet(tmp_path, *train, "--epochs", "5", "--name", "five").returncode == 0
    first = glassnet(tmp_path, *train, "--epochs", "3", "--name", "a", "--resume")
    assert first.returncode == 0, first.stderr
    again = glassnet(tmp_path, *train, "--epochs", "3", "--name", "a", "--resume", "--json")
    assert again.returncode == 0
    assert "runs/a is finished: there is nothing to resume" in again.stderr
    assert json.loads(again.stdout)["epochs"] == 3
    told = glassnet(tmp_path, "resume", "runs/a")
    assert (told.returncode, told.stdout) == (0, "")
    assert "finished" in told.stderr
    failed_clearly(
        glassnet(tmp_path, *train, "--epochs", "5", "--name", "a", "--resume"),
        "started with epochs 3, not 5", "glassnet resume runs/a --epochs 5",
    )  # fmt: skip
    failed_clearly(
        glassnet(tmp_path, *train, "--epochs", "3", "--seed", "1", "--name", "a", "--resume"),
        "started with seed 0, not 1",
    )
    failed_clearly(glassnet(tmp_path, *train, "--resume"), "--resume", "--name")
    fewer = glassnet(tmp_path, *train, "--epochs", "2", "--name", "a", "--resume")
    failed_clearly(fewer, "started with epochs 3, not 2")
    assert "glassnet resume" not in fewer.stderr  # which would refuse it
    longer = glassnet(tmp_path, "resume", "runs/a", "--epochs", "5")
    assert longer.returncode == 0, longer.stderr
    models = [
        (tmp_path / "runs" / name / "model.safetensors").read_bytes() for name in ("five", "a")
    ]
    assert models[0] == models[1]
    history = (tmp_path / "runs/a/history.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in history] == [0, 1, 2, 3, 4]


def test_what_cannot_be_the_same_training_is_refused(tmp_path: Path) -> None:
    crashing.data_file(tmp_path / "data.npz")
    run, options = tmp_path / "runs/a", ("--hidden", "4", "--epochs", "2", "--name", "a")
    assert glassnet(tmp_path, "train", "data.npz", *options).returncode == 0
    assert not list(run.glob("checkpoint*"))  # with a cosine nothing can follow
    with pytest.raises(
        GlassnetError, match="its cosine schedule decays the learning rate to 0 in 2"
    ):
        resume_training(run, epochs=4)
    (run / "metrics.json").unlink()
    with np.load(tmp_path / "data.npz") as data:
        np.savez(tmp_path / "data.npz", **{**data, "x_train": data["x_train"] + 1})
    with pytest.raises(GlassnetError, match="has changed since the run was started"):
        resume_training(run)
    config = json.loads((run / "config.json").read_text())
    for change, words in (
        ({"engine": "keras:jax"}, "keras:jax writes no checkpoints"),
        ({"epochs": "many"}, "epochs: 'many' is not"),
        ({"epocs": 3}, "Did you mean 'epochs'"),
    ):
        said = config | {"settings": config["settings"] | change}
        (run / "config.json").write_text(json.dumps(said))
        with pytest.raises(GlassnetError, match=words):
            resume_training(run)
    (run / "config.json").write_text(json.dumps(config | {"resumed": 5}))
    with pytest.raises(GlassnetError, match="does not have the format that glassnet writes"):
        resume_training(run)
    (run / "config.json").write_text("{}")
    with pytest.raises(GlassnetError, match="does not describe a training"):
        resume_training(run)
    with pytest.raises(GlassnetError, match="can't be read"):
        resume_training(tmp_path)


def test_more_epochs_after_early_stopping_are_refused(tmp_path: Path) -> None:
    crashing.data_file(tmp_path / "data.npz")
    outcome = crashing.train(tmp_path / "run", epochs=60, early_stopping=1, learning_rate=1.0)
    assert len(outcome.history.epoch) < 60
    with pytest.raises(GlassnetError, match="--early-stopping or --max-time ended it after epoch"):
        resume_training(tmp_path / "run", epochs=90)


def test_what_cannot_go_on_leaves_a_finished_run_as_it_was(tmp_path: Path) -> None:
    """Fewer epochs than are done; damaged checkpoints."""
    crashing.data_file(tmp_path / "data.npz")
    run = tmp_path / "run"
    crashing.train(run, early_stopping=None)
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    with pytest.raises(GlassnetError, match=r"is after 3 epochs, .*Train for 3 epochs or more"):
        resume_training(run, epochs=2)
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before
    for name in FILES:
        (run / name).write_bytes(b"damaged")
    with pytest.raises(GlassnetError, match="all checkpoints are damaged"):
        resume_training(run, epochs=5)
    for name in FILES:
        (run / name).write_bytes(before[name])
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before
    outcome = resume_training(run, epochs=4)
    assert outcome is not None
    assert len(outcome.history.epoch) == 4


def test_what_changed_since_is_told(tmp_path: Path, messages: list[str]) -> None:
    crashing.data_file(tmp_path / "data.npz")
    crashing.train(tmp_path / "run")
    (tmp_path / "run/metrics.json").unlink()
    config = json.loads((tmp_path / "run/config.json").read_text())
    config["manifest"]["numpy"] = "1.0"
    (tmp_path / "run/config.json").write_text(json.dumps(config))
    assert resume_training(tmp_path / "run")
    changed = [line for line in messages if "last bits may differ" in line]
    assert changed == [
        f"numpy: 1.0 then, {np.__version__} now: the last bits may differ from an uninterrupted run"
    ]
    config = json.loads((tmp_path / "run/config.json").read_text())
    (now,) = config["resumed"]
    assert now["numpy"] == np.__version__
    repetition = repeat_run(tmp_path / "run", out=str(tmp_path / "again"))
    assert "numpy" in {change.field for change in repetition.resume_changes}
    assert f"numpy: 1.0 then, {np.__version__} now: when the run was resumed" in _lines(repetition)


def test_without_a_whole_checkpoint(tmp_path: Path, messages: list[str]) -> None:
    """Damaged ones are an error that suggests no resuming; none at all is messages."""
    crashing.data_file(tmp_path / "data.npz")
    run = tmp_path / "run"
    crashing.train(run)
    (run / "metrics.json").unlink()
    with pytest.raises(GlassnetError, match=r"already exists.* To resume it: glassnet resume"):
        Run.create(tmp_path, "run", "data")
    for name in FILES:
        (run / name).write_bytes(b"damaged")
    with pytest.raises(GlassnetError, match="all checkpoints are damaged"):
        resume_training(run)
    assert not any("to resume" in line for line in messages)
    for name in FILES:
        (run / name).unlink()
    with pytest.raises(GlassnetError, match="trained epochs, but no checkpoint"):
        resume_training(run)
    (run / "history.jsonl").unlink()
    resume_training(run)
    assert f"{run} has no checkpoint: training starts from the beginning" in messages


@pytest.mark.parametrize("options", [("--resume",), ("--checkpoint-steps", "5")])
def test_keras_s_engines_are_never_silent(tmp_path: Path, options: tuple[str, ...]) -> None:
    pytest.importorskip("keras")
    done = in_a_process(
        tmp_path, "train", "digits", "--engine", "keras:jax", "--name", "a", *options
    )
    failed_clearly(done, "keras:jax writes no checkpoints", "--engine numpy or jax")
    assert not (tmp_path / "runs/a").exists()


@pytest.mark.parametrize("options", [("--checkpoint-seconds", "-1"), ("--checkpoint-steps", "0")])
def test_wrong_options(tmp_path: Path, options: tuple[str, ...]) -> None:
    failed_clearly(glassnet(tmp_path, "train", "digits", *options), options[0], options[1])
    assert not (tmp_path / "runs").exists()


def test_a_diverged_run_keeps_what_is_good_or_nothing(tmp_path: Path) -> None:
    wild = (
        "train", "digits", "--optimizer", "sgd", "--loss", "mse", "--output-activation", "linear",
        "--schedule", "constant", "--name", "a", "--json",
    )  # fmt: skip
    at_once = glassnet(tmp_path, *wild, "--learning-rate", "1e30")
    failed_clearly(
        at_once, "learning rate", "there was no checkpoint before it", "runs/a was removed"
    )
    assert not (tmp_path / "runs/a").exists()
    steps = ("--checkpoint-steps", "1", "--batch-size", "16")
    later = glassnet(tmp_path, *wild, *steps, "--learning-rate", "30", "--resume")
    failed_clearly(later, "learning rate", "the weights before it are in runs/a/model")
    assert glassnet(tmp_path, "evaluate", "runs/a").returncode == 0
    files = {path.name: path.read_bytes() for path in (tmp_path / "runs/a").glob("checkpoint*")}
    assert len(files) == 2
    failed_clearly(glassnet(tmp_path, "resume", "runs/a", "--json"), "learning rate")
    assert {n: (tmp_path / "runs/a" / n).read_bytes() for n in files} == files


def test_what_a_kill_at_the_end_left_is_removed(tmp_path: Path) -> None:
    """metrics.json is written, and the checkpoints and a partial file are still there."""
    done = glassnet(tmp_path, "train", *SMALL, "--epochs", "1", "--name", "a")
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "runs/a"
    before = sorted(folder.iterdir())
    for name in (*FILES, ".report.html.0a1b.part"):
        (folder / name).touch()
    assert resume_training(folder) is None
    assert sorted(folder.iterdir()) == before
