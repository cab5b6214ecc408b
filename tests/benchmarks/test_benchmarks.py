"""The benchmarks run, on a few steps; their figures are for `make bench`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from glassnet import data
from glassnet.core.errors import GlassnetError

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def _fashion_mnist() -> None:
    try:
        data.load("fashion-mnist")
    except GlassnetError:
        pytest.skip("Fashion-MNIST is not on this machine")


def run(script: str, *options: str) -> str:
    done = subprocess.run(
        [sys.executable, BENCHMARKS / script, *options], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_train_mlp_measures_what_is_there_and_names_what_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    few = ("--steps=3", "--repeats=2", "--batch=32", "--threads=1", "--no-whole", "--epochs=1")
    table = run("train_mlp.py", *few, f"--json={file}")
    results = {found["system"]: found for found in json.loads(file.read_text())["results"]}
    assert len(results["glassnet"]["microseconds"]) == 2
    assert len(results["sklearn"]["microseconds"]) == 2
    for found in results.values():
        assert found["missing"] or found["accuracy"] > 0.1
    missing = [found["missing"] for found in results.values() if found["missing"]]
    assert table.count("missing: no module") == len(missing)


@pytest.mark.slow
def test_seeds_loop_prints_seconds_an_epoch() -> None:
    table = run("seeds_loop.py", "--rows", "256", "--repeats", "2", "--threads", "1")
    assert "s/epoch" in table
    assert len([line for line in table.splitlines() if line.startswith("glassnet NumPy")]) == 4
