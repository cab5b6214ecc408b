"""`glassnet tune`: search the settings of a training, and compare the best with the default."""

import inspect
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.files import require_name
from glassnet.runs.manifest import processors
from glassnet.runs.settings import Settings
from glassnet.tuning.extra import require_optuna

if TYPE_CHECKING:
    from glassnet.tuning.space import Space
    from glassnet.tuning.study import Study

log = logging.getLogger(__name__)

SEEDS = 5  # fresh ones


def tune(
    data: str | Callable[[dict[str, Any], int], float],
    space: "str | Mapping[str, Any] | Space | None" = None,
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
    watch: "Callable[[Study], None]" = lambda study: None,
    **options: Any,
) -> "Study":
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
    from glassnet.tuning.define import Choices, function_definition, training_definition
    from glassnet.tuning.function_hash import function_hash
    from glassnet.tuning.inherited import inherited, read_study
    from glassnet.tuning.objective import FunctionObjective
    from glassnet.tuning.proposals import require_method
    from glassnet.tuning.search import Search, deadline_of, number_of_trials, study_folder
    from glassnet.tuning.training import TrainingObjective
    from glassnet.tuning.worker import Budget

    require_method(method)
    _require_known(options)
    whole_number(seed, "--seed", 0)
    seeds = whole_number(seeds, "--seeds", 0)
    if seeds == 1:
        raise GlassnetError("one seed shows no spread to test with.", where="--seeds",
                            fix="Give 2 or more, or 0 for no comparison.")  # fmt: skip
    count = None if workers is None else whole_number(workers, "--workers", 1)
    if name is not None:
        require_name(name)
    choices = Choices(method, seed, prune, round_size, metric, maximize)
    if callable(data):
        definition = function_definition(space, choices, options)
        definition = replace(definition, sha256=function_hash(data))
        label = re.sub(r"\W+", "", getattr(data, "__name__", "")) or "function"
    else:
        definition, label = training_definition(data, space, choices, data_dir, options)
    if continue_from is not None:
        before = read_study(Path(continue_from), storage)
        definition = replace(definition, inherits=before.sha256)
    budget = Budget(number_of_trials(definition, trials), deadline_of(max_time))
    usual = f"{label}-{method}-{definition.identity[:8]}"
    folder = study_folder(definition, out, name or re.sub(r"[^\w.-]", "_", usual))
    if callable(data):
        function = FunctionObjective(data, seed, default, definition.maximize)
        search = Search(folder, definition, storage, function, budget)
        seeds = seeds if default is not None else 0
        count = count or 1
    else:
        training = TrainingObjective(definition, folder)
        search = Search(folder, definition, storage, training, budget)
        count = count or processors()
    if continue_from is not None:
        search.storage().create_first(inherited(before, definition))
    try:
        search.run("search", count, watch)
        search.require_winner()
        search = search.as_ended()
        if seeds:
            search.run("compare", min(count, 2 * seeds), watch, seeds)
    except KeyboardInterrupt:
        log.info(f"interrupted; {folder} has all that was trained: the same command goes on")
        raise
    return search.study()


def _require_known(options: Mapping[str, Any]) -> None:
    """Raise for an argument that neither `tune` nor a training has."""
    own = [name for name in inspect.signature(tune).parameters if name != "options"]
    settings = [field.name for field in fields(Settings)]
    for name in options:
        if name not in settings:
            raise unknown("argument", name, [*own, *settings], where="tune")
