"""Workers, each as it would run in a process of its own."""

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from optuna.pruners import MedianPruner
from optuna.trial import TrialState

from glassnet.tuning.definition import Definition
from glassnet.tuning.objective import FreshResult, Outcome, Params, Report, TrialError
from glassnet.tuning.rounds import Progress
from glassnet.tuning.storage import StudyStorage
from glassnet.tuning.study import Study
from glassnet.tuning.tune import tune
from glassnet.tuning.worker import Budget, Worker
from tests.tuning.studies import definition_of, storage_in

EPOCHS = 9


class KilledError(BaseException):
    """Ends a worker at once, as SIGKILL does: it stores nothing more."""


@dataclass
class Curves:
    """Trials with a curve of scores; counts the epochs that are trained."""

    curve: Callable[[Params, int], float]
    trained: list[tuple[int, int]] = field(default_factory=list)  # (trial, epoch)
    epochs: dict[int, int] = field(default_factory=dict)  # the checkpoints
    kill_after: int | None = None  # so many epochs

    def train(self, number: int, params: Params, share: Fraction, report: Report) -> Outcome:
        last, stopped = math.ceil(share * EPOCHS), False
        while self.epochs.get(number, 0) < last and not stopped:
            epoch = self.epochs.get(number, 0) + 1
            if self.kill_after is not None and len(self.trained) >= self.kill_after:
                raise KilledError
            self.trained.append((number, epoch))
            score = self.curve(params, epoch)
            if math.isnan(score):
                raise TrialError("diverged")
            stopped = report(epoch, score)
            self.epochs[number] = epoch
        epoch = self.epochs[number]
        return Outcome(self.curve(params, epoch), stopped, steps=epoch)

    def train_fresh(self, name: str, params: Params | None, seed: int) -> FreshResult:
        raise NotImplementedError

    def discard(self, number: int) -> None:
        self.epochs.pop(number, None)


def rising(params: Params, epoch: int) -> float:
    return params["x"] * epoch


def work(
    folder: Path, definition: Definition, objectives: Sequence[Any], trials: int = 18
) -> Study:
    """Let one worker for each objective, in threads, work on a study until all have ended."""
    storages = [storage_in(folder, definition) for _ in objectives]
    errors: list[BaseException] = []

    def run(storage: StudyStorage, objective: Any) -> None:
        try:
            Worker(definition, storage, objective, Budget(trials)).search()
        except KilledError:
            pass
        except BaseException as error:
            errors.append(error)

    threads = [
        threading.Thread(target=run, args=pair) for pair in zip(storages, objectives, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return Study.of(folder, definition, storages[0], trials)


HALVING = {"prune": "halving", "round_size": 9, "method": "tpe"}


def test_halving_trains_a_third_of_each_rung_on(tmp_path: Path) -> None:
    objective = Curves(rising)
    study = work(tmp_path, definition_of(**HALVING), [objective])
    assert len(study.trials) == 18
    assert len(objective.trained) == len(set(objective.trained))
    epochs = [len(trial.curve) for trial in study.trials[:9]]
    assert sorted(epochs) == [1] * 6 + [3, 3, 9]
    best = max(study.trials[:9], key=lambda trial: trial.params["x"])
    assert best.state == "completed"
    assert len(best.curve) == 9
    assert [t.state for t in study.trials[:9]].count("pruned") == 8
    assert study.steps == 2 * (6 + 2 * 3 + 9)
    assert not objective.epochs  # checkpoints of ended trials are removed


def test_workers_in_parallel_give_the_same_study(tmp_path: Path) -> None:
    definition = definition_of(**HALVING)
    hashes = set()
    for count in (1, 2, 4):
        shared = Curves(rising)
        study = work(tmp_path / str(count), definition, [shared] * count)
        hashes.add(study.sha256)
        assert len(shared.trained) == len(set(shared.trained)) == 42
    assert len(hashes) == 1


def test_what_a_killed_worker_left_is_trained_on_by_the_next(tmp_path: Path) -> None:
    """Each kill repeats one epoch at most, here the one that had not begun."""
    definition = definition_of(**HALVING)
    expected = work(tmp_path / "whole", definition, [Curves(rising)])
    objective = Curves(rising)
    for kill_after in (*range(0, 42, 2), None):
        objective.kill_after = kill_after
        study = work(tmp_path / "killed", definition, [objective])
    assert study.sha256 == expected.sha256
    assert len(objective.trained) == len(set(objective.trained)) == 42


@pytest.fixture(autouse=True)
def _killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A killed worker stores nothing: not even what an exception stores."""
    store = Worker._store

    def stored(self: Worker, trial: Any, progress: Progress) -> None:
        import sys

        if not isinstance(sys.exc_info()[1], KilledError):
            store(self, trial, progress)

    monkeypatch.setattr(Worker, "_store", stored)


def test_a_trial_that_kills_its_process_each_time_fails(tmp_path: Path) -> None:
    definition = definition_of(round_size=2)
    objective = Curves(rising, kill_after=0)
    for _ in range(5):
        work(tmp_path, definition, [objective], trials=2)
    objective.kill_after = None
    study = work(tmp_path, definition, [objective], trials=2)
    assert [trial.state for trial in study.trials] == ["failed", "completed"]
    assert study.trials[0].error == "the process that trained it was killed 5 times in one epoch"


def test_a_trial_that_is_killed_in_each_epoch_ends_all_the_same(tmp_path: Path) -> None:
    definition = definition_of(round_size=1)
    objective = Curves(rising)
    for kill_after in (0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, None):
        objective.kill_after = kill_after
        study = work(tmp_path, definition, [objective], trials=1)
    assert [trial.state for trial in study.trials] == ["completed"]


def test_the_trial_that_ctrl_c_interrupted_is_not_counted_as_killed(tmp_path: Path) -> None:
    definition = definition_of(round_size=1)

    def interrupted(params: Params, epoch: int) -> float:
        raise KeyboardInterrupt

    for _ in range(7):
        with pytest.raises(KeyboardInterrupt):
            work(tmp_path, definition, [Curves(interrupted)], trials=1)
    study = work(tmp_path, definition, [Curves(rising)], trials=1)
    assert [trial.state for trial in study.trials] == ["completed"]


def test_more_trials_later_are_those_of_more_at_once(tmp_path: Path) -> None:
    definition = definition_of(method="tpe", round_size=5)
    at_once = work(tmp_path / "once", definition, [Curves(rising)], trials=23)
    for trials in (3, 4, 12, 12, 23):
        later = work(tmp_path / "later", definition, [Curves(rising)], trials=trials)
        assert len(later.trials) == trials
    assert later.sha256 == at_once.sha256


def test_failed_trials_do_not_end_the_study(tmp_path: Path) -> None:
    def curve(params: Params, epoch: int) -> float:
        return math.nan if params["x"] > 0.5 and epoch == 2 else epoch * params["x"]

    study = work(tmp_path, definition_of(**HALVING), [Curves(curve)])
    failed = [trial for trial in study.trials if trial.state == "failed"]
    assert failed
    assert {trial.error for trial in failed} == {"diverged"}
    assert study.winner is not None
    assert study.winner.params["x"] <= 0.5


def test_the_time_ends_the_search_and_nothing_is_lost(tmp_path: Path) -> None:
    definition = definition_of(**HALVING)
    storage, objective = storage_in(tmp_path, definition), Curves(rising)

    class Clock(Budget):
        @property
        def is_over(self) -> bool:
            return len(objective.trained) >= 13

    Worker(definition, storage, objective, Clock(18)).search()
    assert len(objective.trained) == 13
    study = work(tmp_path, definition, [objective])
    assert study.sha256 == work(tmp_path / "whole", definition, [Curves(rising)]).sha256


def crossing(params: Params, epoch: int) -> float:
    """Curves of which the steep ones begin low."""
    return 1 - params["x"] + params["x"] * epoch / 3


@pytest.mark.parametrize("maximize", [True, False])
def test_the_median_rule_is_optuna_s(tmp_path: Path, maximize: bool) -> None:
    definition = definition_of(prune="median", round_size=4, maximize=maximize)
    study = work(tmp_path, definition, [Curves(crossing)], trials=24)
    import optuna

    pruner = MedianPruner(n_startup_trials=5)
    reference = optuna.create_study(direction="maximize" if maximize else "minimize", pruner=pruner)
    for start in range(0, 24, 4):
        ended = []
        for trial in study.trials[start : start + 4]:
            running = reference.ask()
            pruned = False
            for epoch in range(1, EPOCHS + 1):
                running.report(crossing(trial.params, epoch), epoch)
                if running.should_prune():
                    pruned = True
                    break
            assert len(trial.curve) == epoch
            assert (trial.state == "pruned") == pruned
            ended.append((running, pruned, trial.score))
        for running, pruned, score in ended:
            if pruned:
                reference.tell(running, state=TrialState.PRUNED)
            else:
                reference.tell(running, score)
    states = {trial.state for trial in study.trials}
    assert states == {"pruned", "completed"}


def test_the_median_rule_gives_the_same_with_more_workers_and_after_kills(tmp_path: Path) -> None:
    definition = definition_of(prune="median", round_size=4)
    expected = work(tmp_path / "1", definition, [Curves(crossing)], trials=16)
    shared = Curves(crossing)
    assert work(tmp_path / "3", definition, [shared] * 3, 16).sha256 == expected.sha256
    objective = Curves(crossing)
    for kill_after in (*range(3, 100, 9), None):
        objective.kill_after = kill_after
        study = work(tmp_path / "killed", definition, [objective], trials=16)
    assert study.sha256 == expected.sha256


def test_an_error_of_the_function_names_the_parameters(tmp_path: Path) -> None:
    def fails(params: dict[str, float], seed: int) -> float:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no") as raised:
        tune(fails, {"x": [1, 2]}, trials=1, out=str(tmp_path))
    assert raised.value.__notes__[0].startswith("The parameters were {'x': ")


@dataclass
class Folds(Curves):
    """Trials with a score at their end only; each process trains one epoch of a fold and dies."""

    total: int = 7  # epochs of all folds
    ended: int = 0

    def train(self, number: int, params: Params, share: Fraction, report: Report) -> Outcome:
        if self.ended < self.total:
            self.ended += 1
            report(1, None)
            raise KilledError
        report(1, 0.5)
        return Outcome(0.5)


def test_a_trial_that_is_killed_in_each_epoch_of_its_folds_ends_all_the_same(
    tmp_path: Path,
) -> None:
    definition, objective = definition_of(round_size=1), Folds(rising)
    for _ in range(8):
        study = work(tmp_path, definition, [objective], trials=1)
    assert [trial.state for trial in study.trials] == ["completed"]


def test_the_time_is_up_after_an_epoch_of_a_fold(tmp_path: Path) -> None:
    definition, objective = definition_of(round_size=1), Folds(rising)

    class Clock(Budget):
        @property
        def is_over(self) -> bool:
            return objective.ended > 0

    storage = storage_in(tmp_path, definition)
    Worker(definition, storage, objective, Clock(1)).search()
    assert objective.ended == 1
    assert [trial.state for trial in storage.trials()] == [TrialState.RUNNING]
