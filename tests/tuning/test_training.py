"""The training of a network as an objective."""

import resource
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import GlassnetError, data
from glassnet.data import Dataset
from glassnet.model.model import Model
from glassnet.runs import data as runs_data
from glassnet.tuning import training as module
from glassnet.tuning.define import Choices, training_definition
from glassnet.tuning.definition import Definition
from glassnet.tuning.objective import Outcome, TrialError
from glassnet.tuning.training import TRIALS, TrainingObjective, settings_of

SEARCH = Choices("random", seed=3, prune="halving")
SPACE = {"learning_rate": {"low": 1e-4, "high": 1e-1, "log": True}}
SMALL = {"hidden": (8,), "batch_size": 256, "epochs": 9}
PARAMS = {"learning_rate": 0.02}
NINTH, THIRD, WHOLE = Fraction(1, 9), Fraction(1, 3), Fraction(1)


def definition_of(space: Any = None, metric: str | None = None, **options: Any) -> Definition:
    """The definition of a study on digits."""
    options = SMALL | options
    fixed = {name: value for name, value in options.items() if name not in (space or SPACE)}
    search = replace(SEARCH, metric=metric)
    return training_definition("digits", space or SPACE, search, None, fixed)[0]


class Reports:
    """Collects the scores of a trial by epoch; stops after an epoch."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.scores: dict[int, float] = {}
        self.calls = 0
        self.stop_after = stop_after

    def __call__(self, epoch: int, score: float | None) -> bool:
        self.calls += 1
        if score is None:
            return False
        assert self.scores.get(epoch, score) == score  # the same, each time it is reported
        self.scores[epoch] = score
        return self.stop_after is not None and epoch >= self.stop_after


def trained(
    folder: Path, definition: Definition, *shares: Fraction, params: Any = None, number: int = 0
) -> tuple[Outcome, Reports]:
    """Train a trial to each of these rungs, each time as another process would."""
    reports = Reports()
    for share in shares:
        objective = TrainingObjective(definition, folder)
        outcome = objective.train(number, params or PARAMS, share, reports)
    return outcome, reports


@pytest.fixture
def weights(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The weights after each call of `fit`."""
    result: list[Any] = []
    fit: Callable[..., Any] = module.fit

    def recorded(training: Any, *arguments: Any, **options: Any) -> Any:
        history = fit(training, *arguments, **options)
        model: Model = training.model
        result.append([np.array(w) for w in model.get_weights()])
        return history

    monkeypatch.setattr(module, "fit", recorded)
    return result


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"schedule": "cosine", "optimizer": "sgd", "momentum": 0.9},
        {"early_stopping": 2, "dropout": 0.3, "batch_size": 100},
        {"normalization": "batch", "schedule": "cosine"},
        {"reduce_on_plateau": 1, "schedule": "constant"},
    ],
)
def test_a_trial_trained_in_rungs_equals_one_training_in_every_bit(
    tmp_path: Path, options: dict[str, Any], weights: list[Any]
) -> None:
    definition = definition_of(**options)
    whole, history = trained(tmp_path / "whole", definition, WHOLE)
    in_rungs, histories = trained(tmp_path / "rungs", definition, NINTH, THIRD, WHOLE)
    assert histories.scores == history.scores
    assert (in_rungs.score, in_rungs.steps) == (whole.score, whole.steps)
    for ours, expected in zip(weights[-1], weights[0], strict=True):
        np.testing.assert_array_equal(ours, expected)
    if not options:
        assert list(history.scores) == list(range(1, 10))
        assert not np.array_equal(weights[1][0], weights[0][0])  # the first rung is not the last


def test_a_rung_trains_no_step_twice(tmp_path: Path) -> None:
    definition = definition_of()
    steps = [
        trained(tmp_path, definition, share)[0].steps for share in (NINTH, THIRD, WHOLE, WHOLE)
    ]
    each = steps[0]
    assert steps == [each, 3 * each, 9 * each, 9 * each]


def test_the_score_is_that_of_a_training_by_hand(tmp_path: Path) -> None:
    """The network of `glassnet train` with the same settings has the same validation accuracy."""
    from glassnet.runs.train import run_training

    definition = definition_of()
    outcome, _ = trained(tmp_path, definition, WHOLE)
    settings = settings_of(definition, PARAMS, 3)
    assert (settings.learning_rate, settings.seed, settings.hidden) == (0.02, 3, (8,))
    result = run_training(settings, out=str(tmp_path), name="run")
    assert result.history.history["val_accuracy"][-1] == outcome.score
    assert outcome.score > 0.3


def test_the_number_of_epochs_and_the_network_can_be_searched(tmp_path: Path) -> None:
    space = {
        "network": ["mlp", "cnn"],
        "epochs": [3, 7],
        "hidden": {"low": 4, "high": 8, "layers": [1, 2], "when": {"network": ["mlp"]}},
    }
    definition = definition_of(space, hidden=None)
    params = {"network": "mlp", "epochs": 7, "hidden.layers": 2, "hidden.1": 8, "hidden.2": 4}
    _, reports = trained(tmp_path, definition, THIRD, params=params, number=1)
    assert list(reports.scores) == [1, 2, 3]  # ⌈7/3⌉
    assert settings_of(definition, params, 0).hidden == (8, 4)
    params = {"network": "cnn", "epochs": 3}
    _, reports = trained(tmp_path, definition, THIRD, WHOLE, params=params, number=2)
    assert list(reports.scores) == [1, 2, 3]
    assert settings_of(definition, params, 0).network == "cnn"
    assert {path.name for path in (tmp_path / TRIALS).iterdir()} == {"1", "2"}


def test_folds_are_scored_by_their_mean(tmp_path: Path) -> None:
    definition = definition_of(folds=2, epochs=2)
    outcome, reports = trained(tmp_path, definition, THIRD, WHOLE)
    assert list(reports.scores) == [1, 2]
    assert reports.scores[2] == outcome.score
    assert reports.calls == 2 * 2 + 2  # epochs of folds, and rungs
    scores = []
    for fold in (1, 2):
        from glassnet.runs.train import run_training

        settings = replace(settings_of(definition, PARAMS, 3), fold=fold, validation_split=0.0)
        settings = replace(settings, early_stopping=None)
        scores.append(run_training(settings, out=str(tmp_path), name=f"fold-{fold}").test.accuracy)
    assert outcome.score == pytest.approx(np.mean(scores), abs=1e-6)


def test_early_stopping_scores_the_best_epoch(tmp_path: Path) -> None:
    definition = definition_of(early_stopping=1, epochs=60, metric="loss")
    outcome, reports = trained(tmp_path, definition, WHOLE, params={"learning_rate": 0.1})
    assert len(reports.scores) < 60
    assert outcome.score == min(reports.scores.values())
    assert outcome.score != list(reports.scores.values())[-1]
    again, _ = trained(tmp_path, definition, WHOLE, params={"learning_rate": 0.1})
    assert (again.score, again.steps) == (outcome.score, outcome.steps)  # it does not go on


def test_divergence_fails_the_trial_with_the_reason(tmp_path: Path) -> None:
    space = {"learning_rate": {"low": 1e-4, "high": 1e30, "log": True}}
    definition = definition_of(space, optimizer="sgd")
    with pytest.raises(TrialError, match=r"epoch 1, step .* infinity"):
        trained(tmp_path, definition, WHOLE, params={"learning_rate": 1e30})


def test_a_trial_that_was_stopped_stays_stopped_after_a_kill(tmp_path: Path) -> None:
    """The process may be killed after it wrote the last checkpoint and before it stored that."""
    definition = definition_of()
    objective, stopping = TrainingObjective(definition, tmp_path), Reports(stop_after=4)
    outcome = objective.train(0, PARAMS, WHOLE, stopping)
    assert outcome.stopped
    assert list(stopping.scores) == [1, 2, 3, 4]
    again = TrainingObjective(definition, tmp_path).train(0, PARAMS, WHOLE, stopping)
    assert (again.stopped, again.score, again.steps) == (True, outcome.score, outcome.steps)
    assert list(stopping.scores) == [1, 2, 3, 4]


def test_an_ended_trial_leaves_no_files(tmp_path: Path) -> None:
    objective = TrainingObjective(definition_of(), tmp_path)
    objective.train(5, PARAMS, NINTH, Reports())
    assert (tmp_path / TRIALS / "5").exists()
    objective.discard(5)
    objective.discard(6)  # has none
    assert not list((tmp_path / TRIALS).iterdir())


def test_fresh_trainings_are_runs_with_their_test_score(tmp_path: Path) -> None:
    definition = definition_of(folds=2, epochs=3)
    result = TrainingObjective(definition, tmp_path).train_fresh("default-seed-4", None, 4)
    assert result.test_name == "accuracy"
    assert result.is_share
    assert result.higher_is_better
    assert 0 < result.validation < 1
    assert result.count == len(data.load("digits").y_test)
    assert (tmp_path / "default-seed-4" / "model.safetensors").exists()


@pytest.mark.parametrize("folds", [None, 2])
def test_trials_never_touch_the_test_set(
    tmp_path: Path, folds: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Test examples of noise with other labels leave every bit of the scores as it is."""
    scores = []
    load: Callable[..., Dataset] = runs_data.load_dataset
    for number, ruin in enumerate((False, True)):

        def loaded(*arguments: Any, ruin: bool = ruin) -> Dataset:
            dataset = load(*arguments)
            settings = arguments[0]
            if ruin and settings.fold is None:  # with one, the test set is the fold
                noise = np.random.default_rng(0).permutation(dataset.x_test.ravel())
                x = noise.reshape(dataset.x_test.shape)
                dataset = replace(dataset, x_test=x, y_test=(dataset.y_test + 1) % 10)
            return dataset

        monkeypatch.setattr(module, "load_dataset", loaded)
        definition = definition_of(folds=folds, epochs=3)
        _, reports = trained(tmp_path / str(number), definition, THIRD, WHOLE)
        scores.append(reports.scores)
    assert scores[0] == scores[1]


def test_what_is_chosen_by_its_loss_is_compared_by_its_loss(tmp_path: Path) -> None:
    definition = definition_of(epochs=1, metric="loss")
    result = TrainingObjective(definition, tmp_path).train_fresh("default-seed-4", None, 4)
    assert (result.test_name, result.is_share, result.higher_is_better) == ("loss", False, False)
    assert result.test > 1


def test_what_is_not_the_trial_s_fault_does_not_fail_it(
    tmp_path: Path,
) -> None:
    """Without its data, or on a full disk, the command ends, and later goes on with the trial."""
    table = tmp_path / "table.csv"
    rng = np.random.default_rng(0)
    table.write_text("x,y\n" + "\n".join(f"{x:.4f},{x**2:.4f}" for x in rng.normal(size=1200)))
    options = {"target": ("y",), "epochs": 1}
    definition, _ = training_definition(str(table), SPACE, SEARCH, None, options)
    content = table.read_bytes()
    table.unlink()
    objective = TrainingObjective(definition, tmp_path)
    for call in (
        lambda: objective.train(0, PARAMS, WHOLE, Reports()),
        lambda: objective.train_fresh("default-seed-4", None, 4),
    ):
        with pytest.raises(GlassnetError, match=r"table\.csv"):
            call()
    table.write_bytes(content)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(GlassnetError, match=r"checkpoint.*can't be written"):
            objective.train(0, PARAMS, WHOLE, Reports())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert objective.train(0, PARAMS, WHOLE, Reports()).steps
