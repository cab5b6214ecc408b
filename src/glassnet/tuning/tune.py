"""`glassnet tune`: search the settings of a training, and compare the best with the default."""

import inspect
import logging
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.files import writing
from glassnet.core.terminal import set_quiet
from glassnet.runs.settings import Settings
from glassnet.training.callbacks.max_time import seconds_of
from glassnet.tuning.define import function_definition, training_definition
from glassnet.tuning.definition import STUDY_FILE, Definition, differences, others
from glassnet.tuning.extra import require_optuna
from glassnet.tuning.function_hash import function_hash
from glassnet.tuning.inherited import inherited, read_study
from glassnet.tuning.objective import FunctionObjective, Objective
from glassnet.tuning.processes import run_workers
from glassnet.tuning.proposals import require_method
from glassnet.tuning.space import Space
from glassnet.tuning.storage import StudyStorage
from glassnet.tuning.study import Study
from glassnet.tuning.training import TrainingObjective
from glassnet.tuning.worker import Budget, Worker

log = logging.getLogger(__name__)

TRIALS = 50
SEEDS = 5  # fresh ones


def tune(
    data: str | Callable[[dict[str, Any], int], float],
    space: str | Mapping[str, Any] | Space | None = None,
    *,
    method: str = "tpe",
    trials: int | None = None,
    max_time: str | float | None = None,
    workers: int | None = None,
    seed: int = 0,
    prune: str | None = None,
    round_size: int | None = None,
    metric: str | None = None,
    maximize: bool | None = None,
    seeds: int = SEEDS,
    default: dict[str, Any] | None = None,
    storage: str | None = None,
    continue_from: str | None = None,
    name: str | None = None,
    out: str = "studies",
    data_dir: str | None = None,
    watch: Callable[[Study], None] = lambda study: None,
    **options: Any,
) -> Study:
    """Search the settings of a training, or the arguments of a function; return the study.

    `data` is what `glassnet train` takes, or a function of (parameters, seed) that returns a score:
    the largest is best, with `maximize=False` the smallest. If the function's own code changes, it
    is another study. `space` is a dict, a TOML file, or None for the network's own space. The
    trials are scored on the validation split, or on folds; the winner and the default settings are
    then trained with `seeds` fresh seeds and compared on the test set. `options` are those of
    `glassnet train`, the same in all trials.

    The same arguments give the same trials and the same winner, whatever the number of workers. A
    study that was interrupted goes on when it is called again; with another space it is another
    study, which begins with the trials of the study in the folder `continue_from`, if one is given.
    `watch` is called with the study once a second.

    Raises GlassnetError for anything invalid before the first trial, and if no trial completes.
    """
    require_optuna()
    require_method(method)
    _require_counts(workers=workers, seeds=seeds)
    _require_known(options)
    search = {"method": method, "prune": prune, "round_size": round_size, "seed": seed}
    scoring = {"metric": metric, "maximize": maximize}
    if callable(data):
        definition = function_definition(space, search, scoring, options)
        definition = replace(definition, sha256=function_hash(data))
        label = re.sub(r"\W+", "", getattr(data, "__name__", "")) or "function"
    else:
        definition, label = training_definition(data, space, search, scoring, data_dir, options)
    if continue_from is not None:
        before = read_study(Path(continue_from), storage)
        definition = replace(definition, inherits=before.sha256)
    budget = Budget(_number_of_trials(definition, trials), _deadline(max_time))
    folder = _study_folder(definition, out, name or f"{label}-{method}-{definition.identity[:8]}")
    if callable(data):
        objective: Objective = FunctionObjective(data, seed, default, definition.maximize)
        seeds = seeds if default is not None else 0
        count = workers or 1
    else:
        objective = TrainingObjective(definition, folder)
        count = workers or len(os.sched_getaffinity(0))
    process = _Process(folder, definition, storage, objective, budget)
    if continue_from is not None:
        process.storage().create_first(inherited(before, definition))
    try:
        process.run("search", count, watch)
        study = process.study()
        if study.winner is None:
            raise _nothing_completed(study)
        if seeds:
            process.run("compare", min(count, 2 * seeds), watch, seeds)
    except KeyboardInterrupt:
        log.info(f"interrupted; {folder} has all that was trained: the same command goes on")
        raise
    return process.study()


@dataclass(frozen=True)
class _Process:
    """What a worker process needs to know."""

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


def _require_counts(workers: int | None, seeds: int) -> None:
    if workers is not None and workers < 1:
        raise GlassnetError(f"must be 1 or more, got {workers}.", where="--workers")
    if seeds < 0:
        raise GlassnetError(f"must be 0 or more, got {seeds}.", where="--seeds")


def _require_known(options: Mapping[str, Any]) -> None:
    """Raise for an argument that neither `tune` nor a training has."""
    own = [name for name in inspect.signature(tune).parameters if name != "options"]
    settings = [field.name for field in fields(Settings)]
    for name in options:
        if name not in settings:
            raise unknown("argument", name, [*own, *settings], where="tune")


def _number_of_trials(definition: Definition, trials: int | None) -> int:
    """Return how many trials there are: whole rounds with halving, at most the grid's points."""
    if trials is not None and trials < 1:
        raise GlassnetError(f"must be 1 or more, got {trials}.", where="--trials")
    if definition.method == "grid":
        points = len(definition.space.grid())
        return min(trials or points, points)
    trials = trials or TRIALS
    size = definition.round_size if definition.prune == "halving" else 1
    return -(-trials // size) * size


def _deadline(max_time: str | float | None) -> float | None:
    if max_time is None:
        return None
    try:
        return time.time() + seconds_of(max_time)
    except GlassnetError as error:
        raise GlassnetError(error.what, where="--max-time", fix=error.fix) from error


def _study_folder(definition: Definition, out: str, name: str) -> Path:
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
