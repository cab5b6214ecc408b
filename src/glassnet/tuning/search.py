"""A search on this machine: its folder, its storage, and the processes that work on it."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.files import writing
from glassnet.core.plurals import counted
from glassnet.core.terminal import set_quiet
from glassnet.training.callbacks.max_time import seconds_of
from glassnet.tuning.definition import STUDY_FILE, Definition, differences, others
from glassnet.tuning.objective import FunctionObjective, Objective
from glassnet.tuning.processes import run_workers
from glassnet.tuning.rounds import ROUND
from glassnet.tuning.storage import StudyStorage
from glassnet.tuning.study import Study
from glassnet.tuning.training import TrainingObjective
from glassnet.tuning.worker import Budget, Worker

log = logging.getLogger(__name__)

TRIALS = 50


@dataclass(frozen=True)
class Search:
    """What each of the processes needs to know."""

    folder: Path
    definition: Definition
    url: str | None
    objective: Objective
    budget: Budget

    def storage(self) -> StudyStorage:
        """Open the storage."""
        return StudyStorage(self.folder, self.url, self.folder.name, self.definition)

    def study(self) -> Study:
        """Return the study as it is stored now."""
        return Study.of(self.folder, self.definition, self.storage(), self.budget.trials)

    def require_winner(self) -> None:
        """Raise unless a trial has completed."""
        study = self.study()
        if study.winner is None:
            raise _nothing_completed(study)

    def as_ended(self) -> Self:
        """Return the search with as many trials as there are, if the space has no others."""
        own = sum(trial.user_attrs[ROUND] >= 0 for trial in self.storage().trials())
        if self.budget.is_over or own >= self.budget.trials:
            return self
        log.info(f"the search ended after {counted(own, 'trial')}: no new ones were proposed")
        return replace(self, budget=replace(self.budget, trials=own))

    def run(
        self, phase: str, workers: int, watch: Callable[[Study], None], *arguments: int
    ) -> None:
        """Run a phase of the study, with `watch` called meanwhile."""
        storage = self.storage()

        def look() -> None:
            watch(Study.of(self.folder, self.definition, storage, self.budget.trials))

        if workers == 1 and isinstance(self.objective, FunctionObjective):
            self.work(phase, *arguments)
            look()
        else:
            run_workers(workers, self.work, phase, *arguments, watch=look)

    def work(self, phase: str, *arguments: int) -> None:
        """Work on the study in this process."""
        if isinstance(self.objective, TrainingObjective):
            set_quiet(True)
            logging.getLogger("glassnet").setLevel(logging.ERROR)
        worker = Worker(self.definition, self.storage(), self.objective, self.budget)
        getattr(worker, phase)(*arguments)


def number_of_trials(definition: Definition, trials: int | None) -> int:
    """Return how many trials there are: whole rounds with halving, at most the grid's points."""
    trials = None if trials is None else whole_number(trials, "--trials", 1)
    if definition.method == "grid":
        points = len(definition.space.grid())
        return min(trials or points, points)
    trials = trials or TRIALS
    size = definition.round_size if definition.prune == "halving" else 1
    return -(-trials // size) * size


def deadline_of(max_time: str | float | None) -> float | None:
    """Return when the time is up, of `time.time`; None for never."""
    if max_time is None:
        return None
    try:
        return time.time() + seconds_of(max_time)
    except GlassnetError as error:
        raise GlassnetError(error.what, where="--max-time", fix=error.fix) from error


def study_folder(definition: Definition, out: str, name: str) -> Path:
    """Return the folder of a study; raises if it holds another one."""
    folder = Path(out, name)
    with writing(folder, "Choose another folder with --out."):
        folder.mkdir(parents=True, exist_ok=True)
    if not (folder / STUDY_FILE).exists():
        definition.write(folder)
        return folder
    before = Definition.read(folder)
    if different := differences(before, definition):
        raise GlassnetError(
            f"was started with {others(before, definition, different)}.",
            where=str(folder),
            fix="Choose another --name, or leave it out.",
        )
    return folder


def _nothing_completed(study: Study) -> GlassnetError:
    """Return the error for a study without a completed trial."""
    errors = [trial.error for trial in study.trials if trial.error]
    if errors:
        most = Counter(errors).most_common(1)[0][0]
        return GlassnetError(f"no trial completed. {most}", where=str(study.folder))
    return GlassnetError(
        "no trial completed in the time.",
        where="--max-time",
        fix="Give it more time: the same command goes on from here.",
    )
