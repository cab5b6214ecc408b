"""`glassnet repeat`: what it says, its exit codes, its JSON."""

import json
from pathlib import Path

import numpy as np
import pytest

from glassnet.cli.repeat import _lines
from glassnet.cli.train_output import show_training
from glassnet.core.strict_json import as_json
from glassnet.runs.manifest import manifest
from glassnet.runs.repeat import repeat_run
from tests import crashing
from tests.cli.conftest import Run


def test_identical_or_where_not(
    program: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashing.data_file(tmp_path / "data.npz")
    monkeypatch.chdir(tmp_path)  # not in a repository
    crashing.train(tmp_path / "run")
    threads = manifest()["threads"]
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    same = program("repeat", "run", "--name", "a")
    assert same.returncode == 0, same.stderr
    told = same.stdout.splitlines()
    if threads in (None, 1):
        assert told[-2:] == ["run runs/a", "identical: repetition of run"]
    else:
        assert told[-3:] == [
            f"threads: {threads} then, 1 now",
            "run runs/a",
            "identical, although threads differs: repetition of run",
        ]

    config = json.loads((tmp_path / "run/config.json").read_text())
    config["settings"]["seed"] = 1
    config["manifest"]["numpy"] = "1.0"
    (tmp_path / "run/config.json").write_text(json.dumps(config))
    other = program("repeat", "run", "--json", "--out", "elsewhere")
    assert other.returncode == 1, other.stderr
    found = json.loads(other.stdout)
    assert not found["identical"]
    assert found["run"] == "elsewhere/data-1"
    assert found["first_epoch"] == 1
    assert {"seed", "numpy"} <= {change["field"] for change in found["manifest"]}
    text = program("repeat", "run", "--name", "b")
    assert text.returncode == 1, text.stderr
    told = text.stdout.splitlines()
    assert f"numpy: 1.0 then, {np.__version__} now" in told
    assert "history: differs from epoch 1 on" in told
    assert told[-1].startswith("DIFFERENT, and seed, numpy")


def test_what_the_clock_ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`repeat` names the clock, `resume` says what to do, `train` that the schedule was cut."""
    crashing.data_file(tmp_path / "data.npz")
    chosen = {"schedule": "cosine", "early_stopping": None}
    crashing.train(tmp_path / "run", **chosen, max_time="1h")
    config = json.loads((tmp_path / "run/config.json").read_text())
    config["settings"]["max_time"] = "0.000001"
    (tmp_path / "run/config.json").write_text(json.dumps(config))
    found = repeat_run(tmp_path / "run", out=str(tmp_path))
    assert "DIFFERENT, because --max-time ends training by the clock" in _lines(found)[-1]
    assert "then not reached, now epoch 1 of 3 stops at step 1 of 5" in _lines(found)[-1]
    assert as_json(found)["clock"] == found.time_limit

    again = tmp_path / "data-1"
    told = json.loads((again / "metrics.json").read_text())
    assert "cosine schedule" in told["findings"][-1]["what"]
    capsys.readouterr()
    show_training(None, str(again), as_json=False, with_report=False)
    assert "--max-time was reached (epoch 1 of 3 stops" in capsys.readouterr().err
