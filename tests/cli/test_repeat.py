"""`glassnet repeat`: what it says, its exit codes, its JSON."""

import json
from pathlib import Path

import numpy as np
import pytest

from glassnet.manifest import manifest
from tests import crashing
from tests.cli.conftest import Run


def test_identical_or_where_not(
    glassnet: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashing.data_file(tmp_path / "data.npz")
    monkeypatch.chdir(tmp_path)  # not in a repository
    crashing.train(tmp_path / "run")
    threads = manifest()["threads"]
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    same = glassnet("repeat", "run", "--name", "a")
    assert same.returncode == 0, same.stderr
    told = same.stdout.splitlines()
    if threads in (None, 1):
        assert told[-2:] == ["run runs/a", "identical: run, repeated"]
    else:
        assert told[-3:] == [
            f"threads: {threads} then, 1 now",
            "run runs/a",
            "identical, although threads differs: run, repeated",
        ]

    config = json.loads((tmp_path / "run/config.json").read_text())
    config["settings"]["seed"] = 1
    config["manifest"]["numpy"] = "1.0"
    (tmp_path / "run/config.json").write_text(json.dumps(config))
    other = glassnet("repeat", "run", "--json", "--out", "elsewhere")
    assert other.returncode == 1, other.stderr
    found = json.loads(other.stdout)
    assert not found["identical"]
    assert found["run"] == "elsewhere/data-1"
    assert found["first_epoch"] == 1
    assert {"seed", "numpy"} <= {change["field"] for change in found["manifest"]}
    text = glassnet("repeat", "run", "--name", "b")
    assert text.returncode == 1, text.stderr
    told = text.stdout.splitlines()
    assert f"numpy: 1.0 then, {np.__version__} now" in told
    assert "history: differs from epoch 1 on" in told
    assert told[-1].startswith("DIFFERENT, and seed, numpy")
