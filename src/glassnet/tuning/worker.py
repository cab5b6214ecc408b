"""One process that works on a study: it takes what is due, trains it, and stores the result."""

import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from typing import TypeVar

from optuna.pruners import MedianPruner
from optuna.trial import FrozenTrial, TrialState, create_trial

from glassnet.tuning.definition import Definition
from glassnet.tuning.fresh import FreshSeeds
from glassnet.tuning.locks import is_held
from glassnet.tuning.objective import Objective, Report, TimeUpError, TrialError
from glassnet.tuning.proposals import proposals, study_of
from glassnet.tuning.rounds import PROGRESS, ROUND, Progress, outcome, rounds, rungs_of, state_of
from glassnet.tuning.storage import StudyStorage

_POLL = 0.2  # seconds between two looks at the storage, while others train what is due
_ATTEMPTS = 5  # workers that may die while training a trial to its next rung
_FOLD_EPOCHS = "fold_epochs"  # the attribute of a trial that counts the epochs of its folds
_STARTUP = 5  # ended trials before the median rule prunes, as in Optuna


T = TypeVar("T")


@dataclass(frozen=True)
class Budget:
    """When the search ends."""

    trials: int
    deadline: float | None = None  # of `time.time`

    @property
    def is_over(self) -> bool:
        """True if the time is up."""
        return self.deadline is not None and time.time() >= self.deadline


@dataclass(frozen=True)
class Task:
    """A trial to be trained to a rung."""

    trial: FrozenTrial
    rung: int


class Worker:
    """A worker of a study."""

    def __init__(
        self, definition: Definition, storage: StudyStorage, objective: Objective, budget: Budget
    ) -> None:
        self.definition, self.storage, self.objective = definition, storage, objective
        self.budget = budget
        self.rungs = rungs_of(definition.prune, definition.round_size)
        self.name = f"{socket.gethostname()}-{secrets.token_hex(4)}"

    def search(self) -> None:
        """Work until the search has ended."""
        self._work(self._next_trial, self._train)

    def compare(self, seeds: int) -> None:
        """Train the winner and the default settings on fresh seeds, until all have ended."""
        fresh = FreshSeeds(self.definition, self.storage, self.objective, seeds)
        self._work(lambda: fresh.next(self.name, self._is_alive), fresh.train)

    def _work(self, take: Callable[[], T | bool], train: Callable[[T], Callable[[], None]]) -> None:
        """Take and train tasks; `take` returns False if there are none, True to wait for others.

        `train` returns a function that stores the result; it is called under the study's lock.
        """
        store: Callable[[], None] | None = None
        locks, lock = self.storage.locks, f"worker-{self.name}"
        locks.acquire(lock, wait=True)  # the others see by it that this process lives
        try:
            while True:
                with self.storage.lock():
                    if store is not None:
                        store()
                    task = take()
                if task is False:
                    return
                store = None if task is True else train(task)
                if store is None:
                    time.sleep(_POLL)
        finally:
            locks.release(lock)

    # -- under the study's lock ------------------------------------------------------------------

    def _next_trial(self) -> Task | bool:
        """Return the next trial to train; True if others train what is due, False at the end."""
        while not self.budget.is_over:
            groups = rounds(self.storage.trials()) or [[]]
            *earlier, group = groups
            if _may_lack_trials(group) and self._propose(earlier, len(group)):
                continue
            if all(trial.state.is_finished() for trial in group):
                if group and self._propose(groups, 0):
                    continue
                break
            now = state_of(group, len(self.rungs), self.definition.maximize)
            if now.due:
                return self._claim(now.due, now.rung)
            self._settle(group, now.completed)
        return False

    def _propose(self, earlier: list[list[FrozenTrial]], existing: int) -> bool:
        """Add the trials of a round that don't exist; False if there are none to add."""
        definition = self.definition
        before = [trial for group in earlier for trial in group]
        own = sum(trial.user_attrs[ROUND] >= 0 for trial in before)
        wanted = min(definition.round_size, self.budget.trials - own)
        if wanted <= existing:
            return False
        new = proposals(
            definition.space, definition.method, definition.seed, len(earlier), wanted, before,
            definition.maximize,
        )[existing:]  # fmt: skip
        self.storage.create(new)
        return bool(new)

    def _settle(self, group: list[FrozenTrial], completed: frozenset[int]) -> None:
        """Set the final states of a round's trials, in their order."""
        for trial in group:
            if not trial.state.is_finished():
                self.storage.end(trial, *outcome(trial, completed))
                self.objective.discard(trial.number)

    def _claim(self, due: tuple[FrozenTrial, ...], rung: int) -> Task | bool:
        """Take the first trial that no living worker has."""
        for trial in due:
            progress = Progress.of(trial)
            epoch = len(trial.intermediate_values) + trial.user_attrs.get(_FOLD_EPOCHS, 0)
            if progress.worker:
                if self._is_alive(progress.worker):
                    continue
                attempts = progress.attempts + 1 if epoch == progress.epoch else 1
                if attempts >= _ATTEMPTS:
                    error = f"the process that trained it was killed {_ATTEMPTS} times in one epoch"
                    self._store(trial, replace(progress, worker="", error=error))
                    continue
                progress = replace(progress, attempts=attempts)
            self.storage.start(trial)
            self._store(trial, replace(progress, worker=self.name, epoch=epoch))
            return Task(trial, rung)
        return True

    def _is_alive(self, worker: str) -> bool:
        return worker == self.name or is_held(self.storage.locks, f"worker-{worker}")

    def _store(self, trial: FrozenTrial, progress: Progress) -> None:
        self.storage.set(trial, PROGRESS, progress.to_dict())

    # -- without the lock ------------------------------------------------------------------------

    def _train(self, task: Task) -> Callable[[], None]:
        trial, progress = task.trial, Progress.of(task.trial)
        ended = replace(progress, worker="")  # if it does not reach the rung
        report = self._reporter(trial)
        try:
            result = self.objective.train(trial.number, trial.params, self.rungs[task.rung], report)
            scores = (*progress.scores, result.score)
            ended = Progress(
                scores, stopped=result.stopped, seconds=result.seconds, steps=result.steps
            )
        except TrialError as error:
            ended = replace(ended, error=str(error))
        except TimeUpError:
            pass
        except BaseException:  # Ctrl-C, or an error of a function: the next worker takes it at once
            with self.storage.lock():
                self._store(trial, ended)
            raise
        return partial(self._store, trial, ended)

    def _reporter(self, trial: FrozenTrial) -> Report:
        """Return what is called with the score after each epoch; it says whether to stop."""
        definition, budget = self.definition, self.budget
        pruner, scores = MedianPruner(n_startup_trials=_STARTUP), dict(trial.intermediate_values)
        study = None
        if definition.prune == "median":
            number = trial.user_attrs[ROUND]
            earlier = [t for t in self.storage.trials() if t.user_attrs[ROUND] < number]
            study = study_of(earlier, definition.maximize)

        fold_epochs = count(trial.user_attrs.get(_FOLD_EPOCHS, 0) + 1)

        def report(epoch: int, score: float | None) -> bool:
            if score is None:
                self.storage.set(trial, _FOLD_EPOCHS, next(fold_epochs))
            elif epoch not in scores:
                scores[epoch] = score
                self.storage.report(trial, epoch, score)
            if budget.is_over:
                raise TimeUpError
            return study is not None and bool(pruner.prune(study, _with_scores(trial, scores)))

        return report


def _may_lack_trials(group: list[FrozenTrial]) -> bool:
    """True if nothing of a round is in progress: a process may have been killed while it added the
    trials, or more are wanted than before.
    """
    own = not group or group[0].user_attrs[ROUND] >= 0
    waiting = [trial.state == TrialState.WAITING for trial in group]
    return own and (all(waiting) or all(trial.state.is_finished() for trial in group))


def _with_scores(trial: FrozenTrial, scores: dict[int, float]) -> FrozenTrial:
    """Return a trial as it is after these epochs, for a pruner."""
    return create_trial(
        state=TrialState.RUNNING,
        params=trial.params,
        distributions=trial.distributions,
        intermediate_values=scores,
    )
