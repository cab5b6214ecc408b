"""The list of the runs in a folder."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from glassnet import GlassnetError
from glassnet.runs.cross_validate import run_folds
from glassnet.runs.data import chosen_settings
from glassnet.runs.run import Run
from glassnet.runs.runs import runs_in
from glassnet.runs.scores import Score
from glassnet.runs.settings import choose
from glassnet.runs.train import run_training


def test_runs_with_settings_and_results(tmp_path: Path) -> None:
    settings = choose("digits", "numbers", epochs=2, hidden=(8,))
    run_training(settings, out=str(tmp_path), name="b")
    run_folds(choose("digits", "numbers", epochs=1, folds=2), out=str(tmp_path), name="a")
    Run.create(tmp_path, "empty", "")
    (broken := tmp_path / "broken").mkdir()
    (broken / "config.json").write_text("{")
    summaries = {Path(summary.run).name: summary for summary in runs_in(tmp_path)}
    assert set(summaries) == {"a", "b", "broken"}
    run = summaries["b"]
    metrics = json.loads((tmp_path / "b/metrics.json").read_text())
    assert (run.data, run.network, run.epochs, run.of_epochs) == ("digits", "mlp", 2, 2)
    assert run.accuracy == metrics["test"]["accuracy"]
    assert run.val_accuracy == metrics["validation"]["accuracy"]
    assert run.state == "finished"
    folds = summaries["a"]
    assert folds.network == "mlp in folds"
    assert folds.accuracy == json.loads((tmp_path / "a/folds.json").read_text())["accuracy"]
    assert "config.json" in summaries["broken"].state


def test_scores_of_numbers(tmp_path: Path) -> None:
    rows = [f"{i % 11},{i / 7}" for i in range(80)]
    (tmp_path / "rows.csv").write_text("\n".join(["n,price", *rows]))
    options = {"target": ["price"], "epochs": 1, "hidden": (4,)}
    settings = chosen_settings(str(tmp_path / "rows.csv"), **options)
    run_training(settings, out=str(tmp_path / "runs"), name="run")
    run_folds(replace(settings, folds=2), out=str(tmp_path / "runs"), name="folds")
    run, folds = (
        {Path(s.run).name: s for s in runs_in(tmp_path / "runs")}[name] for name in ("run", "folds")
    )
    metrics = json.loads((tmp_path / "runs/run/metrics.json").read_text())
    mae = metrics["test"]["targets"][0]["mae"]["value"]
    assert (run.score, run.accuracy) == (Score("MAE of price", mae, False), None)
    line = int(metrics["test"]["worst"][0]["place"].rpartition("line ")[2])
    true = float((tmp_path / "rows.csv").read_text().splitlines()[line - 1].split(",")[1])
    assert true == pytest.approx(metrics["test"]["worst"][0]["true"])
    assert folds.score is not None
    assert folds.score.value == json.loads((tmp_path / "runs/folds/folds.json").read_text())["mean"]


def test_a_run_that_was_cut_off(tmp_path: Path) -> None:
    settings = choose("digits", "numbers", epochs=2, hidden=(8,))
    run_training(settings, out=str(tmp_path), name="r")
    (tmp_path / "r/metrics.json").unlink()
    (summary,) = runs_in(tmp_path)
    assert (summary.state, summary.accuracy, summary.epochs) == ("unfinished", None, 2)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(GlassnetError, match=r"no such folder. Give the folder of your runs"):
        runs_in(tmp_path / "none")
