"""Studies as a whole: equal with any number of workers, and after any kill."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from threadpoolctl import threadpool_limits

from glassnet import GlassnetError
from glassnet.tuning.define import Choices, training_definition
from glassnet.tuning.storage import JOURNAL
from glassnet.tuning.study import Study
from glassnet.tuning.training import TrainingObjective
from glassnet.tuning.tune import tune
from glassnet.tuning.worker import Budget, Worker
from tests.tuning.postgres import _socket, database  # noqa: F401
from tests.tuning.program import SMALL, SPACE
from tests.tuning.studies import storage_in

ROOT = Path(__file__).parents[2]
ONE_THREAD = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
SLOW = pytest.mark.slow
FIXED = {name: SMALL[name] for name in ("batch_size", "epochs")}
TPE = {"method": "tpe", "prune": "halving", "trials": 18}
FEW = TPE | {"trials": 9}
STUDIES = {
    "grid": {"method": "grid", "prune": "none", "trials": 10},
    "grid-halving": {"method": "grid", "prune": "halving", "round_size": 9, "trials": 18},
    "random": {"method": "random", "prune": "none", "trials": 10},
    "random-halving": {"method": "random", "prune": "halving", "trials": 18},
    "random-median": {"method": "random", "prune": "median", "trials": 20},
    "tpe": {"method": "tpe", "prune": "none", "trials": 12},
    "tpe-halving": TPE,
    "cma-es": {"method": "cma-es", "prune": "none", "trials": 12},
    "cma-es-halving": {"method": "cma-es", "prune": "halving", "trials": 18},
}


def expected(folder: Path, options: dict[str, Any]) -> Study:
    """The study that one uninterrupted worker in this process makes."""
    chosen = dict(options)
    trials = chosen.pop("trials")
    definition, _ = training_definition("digits", SPACE, Choices(**chosen), None, dict(FIXED))
    storage = storage_in(folder, definition)
    with threadpool_limits(1):
        Worker(definition, storage, TrainingObjective(definition, folder), Budget(trials)).search()
    return Study.of(folder, definition, storage, trials)


@pytest.mark.parametrize(
    "name", [name if name == "tpe-halving" else pytest.param(name, marks=SLOW) for name in STUDIES]
)
def test_any_number_of_workers_gives_the_same_study(
    tmp_path: Path, name: str, request: pytest.FixtureRequest
) -> None:
    slow = request.node.get_closest_marker("slow")
    options = STUDIES[name] if slow else FEW
    hashes = {0: expected(tmp_path / "0", options).sha256}
    for workers in (1, 2, 3) if slow else (2,):
        out = str(tmp_path / str(workers))
        study = tune("digits", SPACE, out=out, workers=workers, **options, **SMALL)
        hashes[workers] = study.sha256
    assert len(set(hashes.values())) == 1, hashes
    states = {trial.state for trial in study.trials}
    assert states == ({"completed"} if options["prune"] == "none" else {"completed", "pruned"})


def test_another_seed_is_another_study(tmp_path: Path) -> None:
    def score(params: dict[str, Any], seed: int) -> float:
        return params["x"]

    space = {"x": {"low": 0.0, "high": 1.0}}
    hashes = [
        tune(score, space, trials=5, seed=seed, out=str(tmp_path / out)).sha256
        for seed, out in ((0, "a"), (0, "b"), (1, "c"))
    ]
    assert hashes[0] == hashes[1] != hashes[2]


@contextmanager
def command(folder: Path, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """The command in a process group of its own."""
    program = [
        sys.executable,
        "-m",
        "tests.tuning.program",
        json.dumps({"out": str(folder)} | options),
    ]
    with subprocess.Popen(
        program, cwd=ROOT, env=ONE_THREAD, start_new_session=True, stderr=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            with_group(process, signal.SIGKILL)


def with_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to the process and all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def workers_of(process: subprocess.Popen[bytes]) -> list[int]:
    """The processes in which trials are trained."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [
        int(child)
        for child in children
        if b"popen_loky" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


def size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def wait_for_epochs(process: subprocess.Popen[bytes], study: Path, count: int) -> bool:
    """Wait until so many epochs have been trained since now; False if the process ends before."""
    start = size_of(study / "epochs")
    while process.poll() is None:
        if size_of(study / "epochs") >= start + 8 * count:
            return True
        time.sleep(0.002)
    return False


def succeeded(process: subprocess.Popen[bytes]) -> None:
    _, errors = process.communicate()
    assert process.returncode == 0, errors.decode()


def require_nothing_repeated(study: Path, allowed: int) -> int:
    """Raise if an epoch was trained twice, except the one in which its process was killed."""
    last: dict[str, int] = {}
    repeated = 0
    for line in (study / "epochs").read_text().splitlines():
        trial, epoch, _ = line.split()
        before = last.get(trial, 0)
        assert int(epoch) in (before, before + 1), (trial, before, epoch)
        repeated += int(epoch) == before
        last[trial] = int(epoch)
    assert repeated <= allowed
    return repeated


def killed_study(folder: Path, options: dict[str, Any], kills: int, chance: random.Random) -> int:
    """Run a study to its end, killed so many times if it does not end before; return how often.

    With workers, every third time, one is killed and the command goes on, else all is killed.
    """
    study, done = folder / "study", 0
    while not (study / "hash").exists():
        with command(folder, **options) as process:
            while done < kills and wait_for_epochs(process, study, chance.randint(1, 12)):
                time.sleep(chance.random() * 0.05)
                done += 1
                if done % 3 or "alone" in options:
                    with_group(process, signal.SIGKILL)
                    break
                for worker in workers_of(process)[:1]:
                    os.kill(worker, signal.SIGKILL)
            else:
                succeeded(process)
    return done


def test_a_study_that_is_killed_goes_on_and_is_the_same(tmp_path: Path) -> None:
    whole = expected(tmp_path / "whole", FEW)
    kills = killed_study(tmp_path, FEW | {"alone": True}, 2, random.Random(0))
    assert kills == 2
    assert (tmp_path / "study" / "hash").read_text() == whole.sha256
    require_nothing_repeated(tmp_path / "study", kills)


@SLOW
@pytest.mark.parametrize("name", ["grid", "random", "tpe-halving"])
def test_fifty_kills(tmp_path: Path, name: str) -> None:
    kills, chance = 0, random.Random(name)
    for seed in range(50):
        options = STUDIES[name] | {"seed": seed}
        whole = expected(tmp_path / f"whole-{seed}", options)
        folder = tmp_path / str(seed)
        new = killed_study(folder, options | {"workers": 2}, 50 - kills, chance)
        assert (folder / "study" / "hash").read_text() == whole.sha256
        require_nothing_repeated(folder / "study", 2 * new)
        kills += new
        if kills >= 50:
            break
    assert kills == 50


@SLOW
def test_workers_end_with_the_command(tmp_path: Path) -> None:
    """Also if it alone is killed, without its group."""
    with command(tmp_path, workers=2, **TPE | {"trials": 900}) as process:
        assert wait_for_epochs(process, tmp_path / "study", 1)
        workers = workers_of(process)
        assert len(workers) == 2
        process.kill()
        process.wait()
        for worker in workers:
            end = time.monotonic() + 60
            while os.path.exists(f"/proc/{worker}") and time.monotonic() < end:
                time.sleep(0.05)
            assert not os.path.exists(f"/proc/{worker}")


def test_two_commands_share_a_study_in_postgresql_and_one_is_killed(
    tmp_path: Path,
    database: str,  # noqa: F811
) -> None:
    whole = expected(tmp_path / "whole", FEW)
    study = tmp_path / "study"
    options = FEW | {"storage": database, "alone": True}
    with command(tmp_path, **options) as first, command(tmp_path, **options) as second:
        assert wait_for_epochs(second, study, 5)
        with_group(second, signal.SIGKILL)
        succeeded(first)
    assert (study / "hash").read_text() == whole.sha256
    require_nothing_repeated(study, 1)
    assert not (study / JOURNAL).exists()


def test_a_score_that_is_not_finite_fails_its_trial(tmp_path: Path) -> None:
    def score(params: dict[str, Any], seed: int) -> float:
        return {"a": float("inf"), "b": float("-inf"), "c": float("nan"), "d": 1.0}[params["x"]]

    space = {"x": ["a", "b", "c", "d"]}
    study = tune(score, space, method="grid", default={"x": "a"}, out=str(tmp_path))
    errors = {trial.params["x"]: trial.error for trial in study.trials}
    infinite = "the score is infinite"
    assert errors == {"a": infinite, "b": infinite, "c": "the score is NaN", "d": ""}
    assert study.winner is not None
    assert study.winner.score == 1.0
    assert study.verdict is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": -1}, r"--seed: must be a whole number ≥ 0, got -1"),
        ({"workers": -1}, r"--workers: must be a whole number ≥ 1, got -1"),
        ({"workers": 0}, r"--workers: must be a whole number ≥ 1, got 0"),
        ({"seeds": -1}, r"--seeds: must be a whole number ≥ 0, got -1"),
        ({"seeds": 1}, r"--seeds: one seed shows no spread to test with\. Give 2 or more"),
        ({"trials": 2.5}, r"--trials: must be a whole number ≥ 1, got 2\.5"),
        ({"name": ".."}, r"--name: '\.\.' is not a valid folder name"),
        ({"name": "a/b"}, r"--name: 'a/b' is not a valid folder name"),
        ({"storage": "sqlite://"}, r"--storage: is in memory.*Name a file"),
        ({"storage": "sqlite:///:memory:"}, r"--storage: is in memory.*Name a file"),
    ],
)
def test_invalid_options_are_one_error(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    def score(params: dict[str, Any], seed: int) -> float:
        raise AssertionError

    with pytest.raises(GlassnetError, match=message):
        tune(score, {"x": [1, 2]}, **{"out": str(tmp_path)} | options)


def test_a_study_begins_with_the_trials_of_another(tmp_path: Path) -> None:
    def score(params: dict[str, Any], seed: int) -> float:
        return params["x"] + seed

    space = {"x": {"low": 0.0, "high": 1.0}}
    options: dict[str, Any] = {"trials": 5, "out": str(tmp_path)}
    before = tune(score, space, method="random", **options)
    study = tune(score, space, method="tpe", continue_from=str(before.folder), **options)
    assert [trial.params for trial in study.trials[:5]] == [t.params for t in before.trials]
    assert len(study.trials) == study.planned == 10
    with pytest.raises(GlassnetError, match="has another seed: its scores can't be compared"):
        tune(score, space, seed=1, continue_from=str(before.folder), **options)
    (before.folder / JOURNAL).unlink()
    with pytest.raises(GlassnetError, match=r"has no trials\. If .* database.* --storage"):
        tune(score, space, method="tpe", continue_from=str(before.folder), **options)


def test_studies_in_one_database_may_have_each_other_s_names(tmp_path: Path) -> None:
    def score(params: dict[str, Any], seed: int) -> float:
        return params["x"]

    url = f"sqlite:///{tmp_path}/trials.db"
    space = {"x": {"low": 0.0, "high": 1.0}}
    for name in ("a-fresh", "a"):
        study = tune(
            score, space, trials=3, storage=url, name=name, out=str(tmp_path), default={"x": 0.5}
        )
        assert len(study.trials) == 3
        assert study.verdict is not None


def test_a_search_ends_with_its_space(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def score(params: dict[str, Any], seed: int) -> float:
        return params["x"]

    caplog.set_level("INFO", "glassnet")
    study = tune(score, {"x": [1.0, 2.0, 3.0]}, trials=50, out=str(tmp_path))
    assert study.planned == len(study.trials) == 3
    assert "the search ended after 3 trials: no new ones were proposed" in caplog.text
