"""`glassnet lr-find`: on scikit-learn's real digits."""

import json
import shlex
from pathlib import Path

import pytest
from PIL import Image

from tests import crashing
from tests.cli.conftest import Run, failed_clearly


def test_a_rate_its_rule_and_the_command_that_takes_it(glassnet: Run, tmp_path: Path) -> None:
    done = glassnet("lr-find", "digits", "--hidden", "32")
    assert done.returncode == 0, done.stderr
    first, second, third = done.stdout.splitlines()
    assert first.endswith(": where the smoothed loss falls fastest with the logarithm of the rate")
    assert "steps of 64 examples; the loss diverged at" in second
    rate = first.split()[2].rstrip(":")
    assert third == f"glassnet train digits --network mlp --hidden 32 --learning-rate {rate}"
    assert 1e-3 < float(rate) < 0.1
    assert not list(tmp_path.iterdir())  # nothing was written


def test_the_command_has_all_that_was_said(glassnet: Run, tmp_path: Path) -> None:
    """So that it trains what was tested when it is pasted."""
    crashing.data_file(tmp_path / "my data.npz")
    options = ("--hidden", "16", "--seed", "2")
    *_, last = glassnet("lr-find", "my data.npz", *options).stdout.splitlines()
    words = shlex.split(last)
    assert words[:3] == ["glassnet", "train", "my data.npz"]
    assert set(options) < set(words)
    assert glassnet(*words[1:], "--epochs", "1").returncode == 0


@pytest.mark.parametrize("name", ["rate.png", "rate.svg"])
def test_the_picture_is_all_that_is_written(glassnet: Run, tmp_path: Path, name: str) -> None:
    done = glassnet("lr-find", "digits", "--plot", name, "--json", "--steps", "60")
    found = json.loads(done.stdout)
    assert found["plot"] == name
    assert len(found["rates"]) == len(found["losses"]) == len(found["smoothed"]) <= 60
    assert found["suggestion"] in found["rates"]
    assert [path.name for path in tmp_path.iterdir()] == [name]
    if name.endswith("png"):
        with Image.open(tmp_path / name) as picture:
            assert picture.size[0] > 500


def test_refusals(glassnet: Run) -> None:
    failed_clearly(glassnet("lr-find", "digits", "--low", "1", "--high", "0.1"), "low < high")
    failed_clearly(glassnet("lr-find", "digits", "--engine", "keras:jax"), "numpy or jax")
