"""The examples run, as they are, and print what their reader is promised."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
PRINTS = {  # the last line, or what is in it
    "01_op_and_gradient_check": r"wrong_gate: the pullback gives the slope",
    "02_mlp_from_scratch": r"test accuracy: 9\d\.\d%",
    "03_own_layer_loss_callback": r"test accuracy: 9\d\.\d%",
    "04_two_inputs": r"right for 9\d\.\d% of the test pairs",
    "05_compare_two_runs": r"large is better than small by \d+\.\d+ points",
    "06_keras_parity": r"Keras computes the same" if find_spec("keras") else "skipped: Keras",
    "07_shared_weights": r"classifier on the encoder: 9\d\.\d%",
}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_and_prints_its_result(example: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, example], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert re.search(PRINTS[example.stem], done.stdout), done.stdout


def test_the_examples_are_numbered_without_gaps_and_listed() -> None:
    assert [path.stem for path in EXAMPLES] == list(PRINTS)
    assert [path.name[:2] for path in EXAMPLES] == [f"{n:02}" for n in range(1, len(EXAMPLES) + 1)]
    listed = re.findall(r"^\| \[`(.+?)`\]", (ROOT / "examples/README.md").read_text(), flags=re.M)
    assert listed == [path.name for path in EXAMPLES]


def test_the_network_from_scratch_takes_fewer_than_60_lines() -> None:
    assert len((ROOT / "examples/02_mlp_from_scratch.py").read_text().splitlines()) < 60
