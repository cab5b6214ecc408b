"""The page of a study: what it says, for studies of every kind."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from glassnet.tuning.page import write_study_page
from glassnet.tuning.study import Study
from glassnet.tuning.tune import tune
from tests.pages.test_html import Read
from tests.tuning.built import failed_fresh, fresh_of, study_of, trial_of
from tests.tuning.studies import definition_of

TRAINING: dict[str, Any] = {
    "data": "my data.csv", "sha256": "ab" * 32, "kind": "table", "task": "classes",
    "metric": "val_accuracy", "options": {"network": "mlp", "epochs": 3, "target": ["a", "b c"]},
}  # fmt: skip
SPACE = {
    "learning_rate": {"low": 1e-4, "high": 1e-2, "log": True},
    "hidden": {"low": 8, "high": 64, "layers": [1, 2]},
}
PARAMS = {"learning_rate": 0.001, "hidden.layers": 2, "hidden.1": 32, "hidden.2": 16}
HIGHER = {"test_name": "accuracy", "is_share": True, "count": 1000}


def read(study: Study, folder: Path) -> str:
    """The texts of the page, after checks that hold for every page."""
    path = write_study_page(study, folder / "study.html")
    html = path.read_text()
    page = Read(html)
    tags = [name for name, _ in page.tags]
    assert "script" not in tags
    assert all(values.get("aria-label") for name, values in page.tags if name == "svg")
    addresses = [v for _, values in page.tags for k, v in values.items() if k in ("href", "src")]
    assert not [a for a in addresses if a and not a.startswith(("#", "data:"))]
    ids = [values["id"] for _, values in page.tags if "id" in values]
    assert len(ids) == len(set(ids))
    assert {a[1:] for a in addresses if a and a.startswith("#")} <= set(ids)
    return " ".join(" ".join(page.texts).split())


def trained(fresh: list[tuple[float, float]], **changes: Any) -> Study:
    definition = definition_of(SPACE, **TRAINING | changes)
    trials = [
        trial_of(definition, 0, PARAMS | {"learning_rate": 0.002}, "completed", [0.5, 0.7]),
        trial_of(definition, 1, PARAMS, "completed", [0.6, 0.8]),
    ]
    return study_of(definition, trials, fresh_of(1, fresh, **HIGHER))


@pytest.mark.parametrize(
    ("pairs", "answer"),
    [
        ([(0.80, 0.70), (0.81, 0.70), (0.80, 0.71), (0.82, 0.70)], "Better"),
        ([(0.70, 0.80), (0.70, 0.81), (0.71, 0.80), (0.70, 0.82)], "Worse"),
        ([(0.70, 0.71), (0.72, 0.70), (0.71, 0.71), (0.70, 0.70)], "No evidence"),
    ],
)
def test_the_answer_comes_first(
    pairs: list[tuple[float, float]], answer: str, tmp_path: Path
) -> None:
    study = trained(pairs)
    text = read(study, tmp_path)
    assert study.verdict is not None
    assert answer in text
    assert f"p = {study.verdict.difference.p:.2g}" in text
    assert "with 4 seeds it can’t be below 0.12" in text
    for score in [score for pair in pairs for score in pair]:
        assert f"{100 * score:.2f}%" in text


def test_the_score_in_the_search_stands_beside_that_of_fresh_seeds(tmp_path: Path) -> None:
    text = read(trained([(0.70, 0.70), (0.72, 0.70)]), tmp_path)
    assert "80.00% in the search, the best of 2 trials" in text
    assert "72.00% on average on fresh seeds" in text  # 0.71 and 0.73


def test_the_command_to_paste_has_the_winners_settings(tmp_path: Path) -> None:
    text = read(trained([], seed=7, data_dir="my folder"), tmp_path)
    (command,) = re.findall(r"glassnet train .*?(?= The search)", text)
    assert shlex.split(command) == [
        "glassnet", "train", "my data.csv", "--network", "mlp", "--epochs", "3", "--target", "a",
        "--target", "b c", "--learning-rate", "0.001", "--hidden", "32,16", "--seed", "7",
        "--data-dir", "my folder",
    ]  # fmt: skip


def test_the_command_to_paste_has_the_default_settings_if_the_winner_is_worse(
    tmp_path: Path,
) -> None:
    text = read(trained([(0.70, 0.80), (0.70, 0.81), (0.71, 0.80), (0.70, 0.82)]), tmp_path)
    assert "They are worse: to train with the default settings" in text
    (command,) = re.findall(r"glassnet train .*?(?= The search)", text)
    assert "--learning-rate" not in command
    assert "--hidden" not in command
    assert "--epochs 3" in command


def test_a_study_that_was_not_compared_says_so(tmp_path: Path) -> None:
    text = read(trained([]), tmp_path)
    assert "Trial 1 is the best: validation accuracy 80.00%." in text
    assert "not compared on fresh seeds" in text
    assert "Is it better?" not in text


def test_an_unfinished_study_with_failures_says_so(tmp_path: Path) -> None:
    definition = definition_of(SPACE, **TRAINING)
    trials = [
        trial_of(definition, 0, PARAMS, "completed", [0.5]),
        trial_of(definition, 1, PARAMS, "failed", error="epochs: <b>loss is NaN"),
        trial_of(definition, 2, PARAMS, "failed", error="epochs: <b>loss is NaN"),
        trial_of(definition, 3, PARAMS, "running", [0.4]),
        trial_of(definition, 4, PARAMS, "waiting"),
    ]
    study = study_of(definition, trials, [failed_fresh(0, "out of memory")], wanted=9)
    text = read(study, tmp_path)
    assert "The search has not ended: 3 of 9 trials have." in text
    assert "3 trainings failed" in text
    assert "2 trainings: epochs: <b>loss is NaN" in text
    assert "1 training: out of memory" in text


def test_without_a_completed_trial_there_is_no_answer(tmp_path: Path) -> None:
    definition = definition_of()
    failed = [trial_of(definition, i, {"x": 0.5}, "failed", error="broken") for i in range(3)]
    text = read(study_of(definition, failed), tmp_path)
    assert "No trial has completed" in text
    assert "3 trainings: broken" in text
    assert "The winner’s settings" not in text


def test_before_the_first_trial(tmp_path: Path) -> None:
    text = read(study_of(definition_of(), [], wanted=5), tmp_path)
    assert "The search has not ended: 0 of 5 trials have." in text


def test_names_and_values_are_never_markup(tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script> $x^2$ \x1b[31m"
    definition = definition_of({"kind": [hostile, "b"], "x": {"low": 0.0, "high": 1.0}})
    trials = [
        trial_of(definition, i, {"kind": hostile, "x": 0.1 * i}, "completed", [0.1 * i])
        for i in range(4)
    ]
    assert "<script>alert(1)</script> $x^2$" in read(study_of(definition, trials), tmp_path)


def test_a_function_has_arguments_and_no_test_set(tmp_path: Path) -> None:
    study = tune(
        lambda params, seed: (params["x"] - 0.3) ** 2 + seed / 1000 * params["x"],
        {"x": {"low": 0.0, "high": 1.0}, "kind": ["a", "b"]},
        method="random", trials=30, maximize=False, default={"x": 0.9, "kind": "a"}, seeds=3,
        out=str(tmp_path),
    )  # fmt: skip
    text = read(study, tmp_path)
    assert study.winner is not None
    assert f"x={study.winner.params['x']!r}, kind={study.winner.params['kind']!r}" in text
    assert "glassnet train" not in text
    assert "test set" not in text
    assert "the true curve lies in the band" in text.lower()
    assert "Importance of the parameters" in (tmp_path / "study.html").read_text()


@pytest.mark.parametrize("method", ["grid", "random"])
def test_one_trial_is_a_study_too(method: str, tmp_path: Path) -> None:
    space: dict[str, Any] = {"x": {"low": 0.0, "high": 1.0}} if method == "random" else {"x": [2.0]}
    study = tune(
        lambda params, seed: params["x"], space, method=method, trials=1, out=str(tmp_path)
    )
    text = read(study, tmp_path)
    assert "1 trial (1 completed)" in text
    assert "There are no importances of the parameters: fewer than two parameters vary." in text


def test_trainings_with_halving(tmp_path: Path) -> None:
    study = tune(
        "digits", {"learning_rate": {"low": 5e-4, "high": 1e-2, "log": True}}, trials=3,
        round_size=3, epochs=3, seeds=2, hidden=(8,), workers=1, out=str(tmp_path),
    )  # fmt: skip
    text = read(study, tmp_path)
    assert "3 trials (1 completed, 2 pruned)" in text or "3 trials (2 pruned, 1 completed)" in text
    assert "--hidden 8" in text
    assert "on the test set" in text
    assert study.sha256 in text
    assert str(study.definition.sha256) in text
