"""Errors of usage are one line, and name the option as it is typed."""

from pathlib import Path

import pytest

from glassnet.cli.errors import _ELSEWHERE
from glassnet.cli.options import ALL
from tests.cli.conftest import Run, failed_clearly


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("trian",), "No such command 'trian'. Did you mean train?"),
        (("train", "--epoch", "3"), "No such option: --epoch. Did you mean --epochs?"),
        (("train", "--lr", "3"), "No such option: --lr. Did you mean --learning-rate?"),
        (("train", "--test-size", "3"), "No such option: --test-size. Did you mean --test-file?"),
        (("train", "--random-state", "3"), "No such option: --random-state. Did you mean --seed?"),
        (("train", "--val_split", "3"), "No such option: --val_split. Did you mean --validation-"),
        (("predict", "--output", "p.csv"), "No such option: --output. Did you mean --out?"),
        (("evaluate", "--lr", "1"), "No such option: --lr. Help"),
        (("train", "--epochs", "x"), "--epochs: should be a valid integer."),
        (("train", "--momentum", "2"), "--momentum: should be less than or equal to 1."),
        (("train", "--dropout"), "Option '--dropout' requires an argument."),
        (("evaluate",), "Missing argument 'RUN'."),
        (("train", "digits", "--learning-rate", "0"), "--learning-rate: must be a number > 0"),
        (("train", "digits", "--optimizer", "adm"), "--optimizer: unknown optimizer 'adm'."),
        (("train", "digits", "--activation", "rellu"), "--activation: unknown activation 'rellu'"),
        (("train", "digits", "--dropout", "1"), "--dropout: rate must be"),
    ],
)
def test_one_line(glassnet: Run, arguments: tuple[str, ...], message: str) -> None:
    done = glassnet(*arguments)
    failed_clearly(done)
    assert done.stderr.startswith(f"error: {message}")
    assert done.stderr.count("\n") == 1


def test_names_of_other_programs_lead_to_options() -> None:
    ours = {*ALL, "out", "json", "folds", "test_file", "from"}
    assert {name for name in _ELSEWHERE.values() if name not in ours} == set()
    assert not [name for name in _ELSEWHERE if name in ours]


def test_quiet_prints_results_only(glassnet: Run, tmp_path: Path) -> None:
    done = glassnet("train", "digits", "--epochs", "1", "--hidden", "4", "--no-report", "-q")
    assert done.returncode == 0
    test, run = done.stdout.splitlines()
    assert test.startswith("test accuracy ")
    assert run == f"run {Path('runs/digits-1')}"
    assert done.stderr == ""
    failed_clearly(glassnet("train", "nothing.npz", "-q"), "no such file")


def test_settings_of_an_earlier_run(glassnet: Run, tmp_path: Path) -> None:
    options = ("--epochs", "1", "--hidden", "4", "--no-report", "-q", "--seed", "5")
    glassnet("train", "digits", *options)
    done = glassnet("train", "--config", "runs/digits-1", "--no-report", "-q", "--name", "again")
    assert done.returncode == 0, done.stderr
    models = [tmp_path / "runs" / name / "model.safetensors" for name in ("digits-1", "again")]
    assert models[0].read_bytes() == models[1].read_bytes()
    listed = glassnet("runs")
    assert [line.split()[0] for line in listed.stdout.splitlines()[2:]] == [
        "runs/digits-1", "runs/again",
    ]  # fmt: skip


def test_help_is_short_and_shows_examples_first(glassnet: Run) -> None:
    lines = glassnet("train", "--help").stdout.splitlines()
    assert len(lines) < 230
    first = next(i for i, line in enumerate(lines) if line.startswith("  glassnet train"))
    assert first < lines.index("Arguments:") < lines.index("The network:")
    assert max(map(len, lines)) <= 80
