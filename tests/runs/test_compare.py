"""`glassnet compare`: runs beside each other, and what is said of them."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from glassnet.cli import app
from glassnet.cli.compare import _odds
from glassnet.core.errors import GlassnetError
from glassnet.model.model import Model
from glassnet.runs.compare import compare_runs
from glassnet.runs.evaluate import evaluate_run
from glassnet.runs.settings import Settings
from glassnet.runs.train import run_training


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good and a poor way of training, six seeds of each."""
    out = tmp_path_factory.mktemp("runs")
    for seed in range(6):
        for name, epochs in (("good", 6), ("poor", 1)):
            settings = Settings(
                data="digits", hidden=(16,), batch_size=16, epochs=epochs, seed=seed
            )
            run_training(settings, out=str(out), name=f"{name}-{seed}")
    return out


def told(*arguments: object) -> str:
    done = CliRunner().invoke(app, ["compare", *map(str, arguments)])
    assert done.exit_code == 0, done.exception
    return done.stdout


def test_two_runs(runs: Path) -> None:
    folders = [str(runs / name) for name in ("poor-0", "good-0")]
    found = compare_runs(folders)
    assert [run.accuracy for run in found.runs] == [
        evaluate_run(folder).test.accuracy for folder in folders
    ]
    assert found.differing == {"epochs": [1, 6]}
    (verdict,), (changed,) = found.verdicts, found.changes
    assert verdict.significant
    gain = sum(changed.fixed.values()) - sum(changed.broken.values())
    assert verdict.difference.mean == pytest.approx(gain / 359)
    assert verdict.difference.mean == pytest.approx(found.runs[1].accuracy - found.runs[0].accuracy)
    said = told(*folders)
    assert "good-0 is better than poor-0 by" in said
    assert "chance alone makes a difference this large in" in said
    assert said.splitlines()[-1].startswith(
        "This compares two trained networks. To compare their settings"
    )
    assert "poor-0 is better" not in told(*reversed(folders))


def test_a_run_and_its_twin(runs: Path, tmp_path: Path) -> None:
    shutil.copytree(runs / "good-0", tmp_path / "good-0")
    said = told(runs / "good-0", tmp_path / "good-0")
    assert "no significant difference on 359 examples (McNemar, p = 1)" in said
    assert "for 0 examples" in said


def test_ways_of_training_are_compared_over_their_seeds(runs: Path) -> None:
    folders = [str(runs / f"{name}-{seed}") for seed in range(6) for name in ("good", "poor")]
    found = compare_runs(folders)
    assert [(group.name, len(group.runs)) for group in found.groups] == [
        ("epochs 6", 6), ("epochs 1", 6),
    ]  # fmt: skip
    assert found.over_seeds
    (verdict,) = found.verdicts
    assert (verdict.difference.test, verdict.difference.count) == ("paired t", 6)
    assert verdict.difference.mean == pytest.approx(found.groups[1].mean - found.groups[0].mean)
    said = told(*folders)
    assert "epochs 6 is better than epochs 1 by" in said
    assert "This compares two trained networks" not in said
    assert "epochs 6: mean" in said
    assert json.loads(told(*folders, "--json"))["says"] == said.splitlines()[-1:]


def test_seeds_of_one_way_and_of_two(runs: Path) -> None:
    said = told(*(runs / f"good-{seed}" for seed in range(3)))
    assert "the runs: mean" in said
    assert said.count("after Holm's correction for 3 comparisons") == 3
    found = compare_runs([str(runs / name) for name in ("good-0", "good-1", "poor-2")])
    assert not found.over_seeds
    assert [(one.first, one.second) for one in found.verdicts] == [
        ("good-0", "good-1"), ("good-0", "poor-2"), ("good-1", "poor-2"),
    ]  # fmt: skip
    few = told(*(runs / f"{name}-{seed}" for seed in range(3) for name in ("good", "poor")))
    assert "3 seeds); chance alone makes a difference this large in 1 in 86 such comparisons" in few


def test_a_seed_counts_once(runs: Path, tmp_path: Path) -> None:
    for seed in range(3):
        shutil.copytree(runs / "good-0", tmp_path / f"again-{seed}")
    folders = [str(runs / f"{name}-0") for name in ("good", "poor")]
    found = compare_runs([*folders, *map(str, tmp_path.iterdir())])
    assert [len(group.runs) for group in found.groups] == [1, 1]
    assert found.repeated == {f"again-{seed}": "good-0" for seed in range(3)}
    assert all(verdict.difference.test == "McNemar" for verdict in found.verdicts)
    assert "again-0 has the same settings and seed as good-0" in told(
        *folders, tmp_path / "again-0"
    )


def test_ways_without_two_seeds_in_common_are_compared_by_a_run_of_each(
    runs: Path, tmp_path: Path
) -> None:
    settings = Settings(data="digits", hidden=(), batch_size=16, epochs=1, seed=1)
    third = str(run_training(settings, out=str(tmp_path), name="flat-1").run.folder)
    folders = [str(runs / f"{name}-{seed}") for seed in range(2) for name in ("good", "poor")]
    found = compare_runs([*folders, third])
    assert [(one.first, one.second, one.difference.test) for one in found.verdicts[1:]] == [
        ("good-1", "flat-1", "McNemar"), ("poor-1", "flat-1", "McNemar"),
    ]  # fmt: skip
    assert found.verdicts[0].difference.test == "paired t"
    said = told(*folders, third)
    assert "such comparisons, corrected for all 3 (McNemar" in said


def test_what_can_not_be_compared(runs: Path, tmp_path: Path) -> None:
    good = str(runs / "good-0")
    with pytest.raises(GlassnetError, match="at least two runs"):
        compare_runs([good])
    with pytest.raises(GlassnetError, match="named twice"):
        compare_runs([good, f"{good}/../good-0"])
    settings = Settings(data="digits", hidden=(), epochs=1, batch_size=64, folds=3, fold=1)
    fold = str(run_training(settings, out=str(tmp_path)).run.folder)
    with pytest.raises(
        GlassnetError, match=f"{fold}: was trained and tested on different data than"
    ):
        compare_runs([good, fold])


def test_settings_and_calibration_are_told_of_each(runs: Path) -> None:
    found = json.loads(told(runs / "good-0", runs / "poor-1", "--json"))
    assert found["differing"] == {"epochs": [6, 1], "seed": [0, 1]}
    for run in found["runs"]:
        assert 0 < run["accuracy_interval"][0] < run["accuracy"] < run["accuracy_interval"][1]
        assert run["parameters"] == Model.load(runs / run["run"]).count_params()
        assert 0 < run["ece_calibrated"] < 1


def test_odds_are_told_in_two_digits() -> None:
    assert [_odds(p) for p in (0.049, 1 / 2031, 1e-30)] == [
        "1 in 20", "1 in 2,000", "fewer than 1 in 1,000,000",
    ]  # fmt: skip
