"""`glassnet compare`: runs beside each other, and what is said of them."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ttest_rel
from typer.testing import CliRunner

from glassnet.cli import app
from glassnet.core.errors import GlassnetError
from glassnet.data import load
from glassnet.evaluate.comparison import holm
from glassnet.model.model import Model
from glassnet.runs.compare import compare_runs
from glassnet.runs.comparison_sentences import _odds
from glassnet.runs.data import chosen_settings
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
    assert [run.score.value for run in found.runs] == [
        evaluate_run(folder).test.accuracy for folder in folders
    ]
    assert found.differing == {"epochs": [1, 6]}
    (verdict,), ((changed,),) = found.verdicts, found.changes
    assert verdict.significant
    gain = sum(changed.fixed.values()) - sum(changed.broken.values())
    assert verdict.difference.mean == pytest.approx(gain / 359)
    assert verdict.difference.mean == pytest.approx(
        found.runs[1].score.value - found.runs[0].score.value
    )
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
    assert verdict.difference.mean == pytest.approx(found.groups[1].mean() - found.groups[0].mean())
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


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Networks of numbers, a good and a poor one, two seeds of each; and two of labels."""
    out = tmp_path_factory.mktemp("tables")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 3))
    price = 100 * x[:, 0] - 50 * x[:, 1] + rng.normal(0, 10, 300)
    rows = [f"{a},{b},{c},{y},{a > 0:d},{b > 0:d}\n" for (a, b, c), y in zip(x, price, strict=True)]
    (out / "t.csv").write_text("".join(["a,b,c,price,red,new\n", *rows]))
    for seed in range(2):
        for name, epochs in (("good", 40), ("poor", 1)):
            options = {"target": ("price",), "drop": ("red", "new"), "hidden": (8,)}
            settings = chosen_settings(str(out / "t.csv"), epochs=epochs, seed=seed, **options)
            run_training(settings, out=str(out), name=f"{name}-{seed}")
    for name, epochs in (("both", 40), ("both-poor", 1)):
        options = {"target": ("price", "b"), "drop": ("red", "new"), "hidden": (8,)}
        settings = chosen_settings(str(out / "t.csv"), epochs=epochs, **options)
        run_training(settings, out=str(out), name=name)
    for name, epochs in (("labels", 30), ("few", 1)):
        options = {"target": ("red", "new"), "drop": ("price",), "hidden": (8,)}
        settings = chosen_settings(str(out / "t.csv"), epochs=epochs, **options)
        run_training(settings, out=str(out), name=name)
    return out


def test_two_runs_of_numbers_are_compared_by_their_absolute_errors(tables: Path) -> None:
    folders = [str(tables / name) for name in ("poor-0", "good-0")]
    comparison = compare_runs(folders)
    first, second = comparison.runs
    (verdict,), ((changed,),) = comparison.verdicts, comparison.changes
    maes = [evaluate_run(folder).targets[0].mae.value for folder in folders]
    assert [run.score.value for run in comparison.runs] == pytest.approx(maes)
    assert verdict.difference.mean == pytest.approx(maes[1] - maes[0])
    assert verdict.difference.p == pytest.approx(
        ttest_rel(abs(second.predicted - second.true), abs(first.predicted - first.true)).pvalue
    )
    assert changed.better > changed.worse
    lines = told(*folders)
    assert "good-0 is better than poor-0 by" in lines
    assert "in MAE of price (95% interval" in lines
    assert "poor-0 is better" not in told(*reversed(folders))
    result = json.loads(told(*folders, "--json"))
    assert result["runs"][0]["score"]["name"] == "MAE of price"
    assert result["runs"][0]["test"]["targets"][0]["mae"]["value"] == pytest.approx(maes[0])


def test_each_of_several_numbers_is_tested_and_all_are_corrected_together(tables: Path) -> None:
    folders = [str(tables / name) for name in ("both", "both-poor")]
    comparison = compare_runs(folders)
    first, second = comparison.runs
    errors = [abs(run.predicted - run.true) for run in (first, second)]
    ps = [float(ttest_rel(errors[1][:, k], errors[0][:, k]).pvalue) for k in range(2)]
    assert [verdict.score.name for verdict in comparison.verdicts] == ["MAE of price", "MAE of b"]
    assert [verdict.difference.p for verdict in comparison.verdicts] == pytest.approx(ps)
    assert [verdict.corrected for verdict in comparison.verdicts] == pytest.approx(holm(ps))
    lines = told(*folders)
    assert "both is better than both-poor by" in lines
    for name in ("price", "b"):
        assert f"\n{name}: both-poor has smaller errors than both for " in lines
        assert f"in MAE of {name}" in lines
    assert lines.count("after Holm's correction for 2 comparisons") == 2
    assert "test row" in lines
    assert ", line " in lines
    (changed,) = comparison.changes
    assert [one.target for one in changed] == ["price", "b"]
    result = json.loads(told(*folders, "--json"))
    assert [one["score"] for one in result["verdicts"]] == ["MAE of price", "MAE of b"]
    assert [one["score"] for one in result["groups"][0]["scores"]] == ["MAE of price", "MAE of b"]
    place = result["changes"][0][0]["rows"][0]["place"]
    assert place == load(tables / "t.csv", target=["price", "b"], drop=["red", "new"]).test_name(
        result["changes"][0][0]["rows"][0]["row"]
    )


def test_ways_of_training_on_numbers_are_compared_over_their_seeds(tables: Path) -> None:
    folders = [str(tables / f"{name}-{seed}") for name in ("good", "poor") for seed in range(2)]
    comparison = compare_runs(folders)
    assert comparison.over_seeds
    (verdict,) = comparison.verdicts
    assert verdict.difference.count == 2
    assert verdict.difference.mean > 0  # of the poor minus the good
    assert "epochs 40: mean" in told(*folders)


def test_runs_of_labels_are_compared_by_rows_with_all_labels_correct(tables: Path) -> None:
    folders = [str(tables / name) for name in ("few", "labels")]
    comparison = compare_runs(folders)
    exact = [evaluate_run(folder).exact for folder in folders]
    assert [run.correct.mean() for run in comparison.runs] == pytest.approx(exact)
    assert comparison.verdicts[0].difference.test == "McNemar"
    assert comparison.changes == ((),)
    assert "labels is better than few by" in told(*folders)
