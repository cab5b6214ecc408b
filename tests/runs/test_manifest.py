"""What a run is said to be computed with, and where two of these differ."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from glassnet.runs.manifest import changes, manifest

FIELDS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 2) | st.text(max_size=2))


def test_a_manifest_is_told_whole() -> None:
    found = manifest(seed=3, data="ab12")
    assert json.loads(json.dumps(found)) == found
    assert (found["seed"], found["data"], found["numpy"]) == (3, "ab12", np.__version__)
    assert found["processors"] <= (os.cpu_count() or 1)
    assert found["cpu"] in Path("/proc/cpuinfo").read_text() or not os.path.exists("/proc")
    assert {"blas", "kernel", "threads", "system", "machine", "python", "glassnet"} <= set(found)


def test_its_threads_are_those_of_numpy_s_blas() -> None:
    import scipy.linalg  # noqa: F401  brings another BLAS

    built = np.show_config(mode="dicts")["Build Dependencies"]["blas"]  # type: ignore[call-overload]
    if "openblas" in built["name"]:
        assert manifest()["blas"] == f"openblas {built['version']}"
    with threadpool_limits(1, user_api="blas"):
        assert manifest()["threads"] == 1


@given(FIELDS, FIELDS)
def test_just_the_fields_that_differ_are_named(
    was: dict[str, int | str], now: dict[str, int | str]
) -> None:
    found = changes(was, now)
    updated = was | {change.field: change.now for change in found}
    assert {field: value for field, value in updated.items() if value is not None} == now
    assert all(change.was == was.get(change.field) != change.now for change in found)
    assert not changes(now, now)


def test_variables_that_change_the_arithmetic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XLA_FLAGS", raising=False)
    was = manifest()
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=true")
    (change,) = changes(was, manifest())
    assert str(change) == "XLA_FLAGS: none then, --xla_cpu_enable_fast_math=true now"


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_the_state_of_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def git(*arguments: str) -> str:
        who = ("-c", "user.name=A", "-c", "user.email=a@b.c")
        done = subprocess.run(["git", *who, *arguments], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def state() -> tuple[str | None, bool | None]:
        found = manifest()
        return found["commit"], found["dirty"]

    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    assert state() == (None, None)
    git("init")
    assert state() == (None, None)
    Path("a.txt").write_text("1")
    git("add", "a.txt")
    git("commit", "-m", "first")
    commit = git("rev-parse", "HEAD")
    assert state() == (commit, False)
    Path("runs").mkdir()
    Path("runs/b.txt").write_text("1")
    assert state() == (commit, False)
    Path("a.txt").write_text("2")
    assert state() == (commit, True)
    monkeypatch.setenv("PATH", "")
    assert state() == (None, None)
