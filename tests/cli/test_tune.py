"""`glassnet tune`: what the command prints, and what it refuses."""

import re
from pathlib import Path

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.tuning.tune import tune
from tests.cli.conftest import Run, failed_clearly

SMALL = ("--network", "mlp", "--hidden", "8", "--seeds", "0", "--workers", "1")
GRID = ("tune", "digits", "space.toml", "--method", "grid", *SMALL)


@pytest.fixture(autouse=True)
def space(tmp_path: Path) -> None:
    (tmp_path / "space.toml").write_text("learning_rate = [0.0001, 0.01]\n")


def test_progress_and_result_have_the_same_numbers(glassnet: Run) -> None:
    done = glassnet(*GRID, "--epochs", "1")
    assert done.returncode == 0, done.stderr
    (best,) = re.findall(r"^winner: trial (\d+), (.*)$", done.stdout, re.MULTILINE)
    lines = re.findall(r"^trial (\d+) \(\d of 2\): completed, (.*%)", done.stderr, re.MULTILINE)
    assert len(lines) == 2
    assert best in lines
    again = glassnet(*GRID, "--epochs", "1")  # the study goes on: it has all its trials
    assert again.stdout == done.stdout
    compared = glassnet(*GRID, "--epochs", "1", "--seeds", "2")
    assert "winner and default settings with fresh seeds: 4 of 4 trainings" in compared.stderr
    other = glassnet(*GRID, "--epochs", "2", "--name", done.stdout.split()[1].split("/")[1][:-1])
    failed_clearly(other, "was started with other options (epochs)")


@pytest.mark.parametrize("option", ["--workers", "--seeds"])
def test_negative_numbers_are_one_clear_error(glassnet: Run, option: str) -> None:
    failed_clearly(glassnet("tune", "digits", option, "-1"), option)
    with pytest.raises(GlassnetError, match=f"{option}: must be"):
        tune("digits", **{option.removeprefix("--"): -1})  # type: ignore[arg-type]


def test_an_argument_with_a_wrong_name_is_named() -> None:
    with pytest.raises(GlassnetError, match=r"argument 'n_trials'. Did you mean 'trials'\?"):
        tune("digits", n_trials=3)
