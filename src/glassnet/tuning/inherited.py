"""The trials that a study takes over from an earlier one, whose space was another."""

from pathlib import Path

from optuna.trial import FrozenTrial, create_trial

from glassnet.core.errors import GlassnetError
from glassnet.tuning.definition import Definition, differences, others
from glassnet.tuning.rounds import PROGRESS, ROUND
from glassnet.tuning.space import Space
from glassnet.tuning.storage import JOURNAL, StudyStorage
from glassnet.tuning.study import Study

_FIRST = -1  # the round of inherited trials
_MAY_DIFFER = {"space", "method", "prune", "round_size", "inherits"}


def read_study(folder: Path, url: str | None) -> Study:
    """Return the study in a folder, or of the folder's name in a database."""
    definition = Definition.read(folder)
    if url is None and not (folder / JOURNAL).exists():
        fix = "If its trials are in a database, give that as --storage."
        raise GlassnetError("has no trials.", where=str(folder / JOURNAL), fix=fix)
    return Study.of(folder, definition, StudyStorage(folder, url, folder.name, definition), 0)


def inherited(before: Study, definition: Definition) -> list[FrozenTrial]:
    """Return the ended trials of a study that lie in the space of another.

    Raises if their scores can't be compared with those of the new study.
    """
    different = differences(before.definition, definition)
    if different := [name for name in different if name not in _MAY_DIFFER]:
        other = others(before.definition, definition, different)
        raise GlassnetError(
            f"has {other}: its scores can't be compared.",
            where=f"--continue-from {before.folder}",
            fix="Use the same data and options, or start without it.",
        )
    distributions = definition.space.distributions()
    return [
        create_trial(
            state=trial.state,
            value=trial.value,
            params=trial.params,
            distributions={name: distributions[name] for name in trial.params},
            intermediate_values=trial.intermediate_values,
            user_attrs={ROUND: _FIRST, PROGRESS: trial.user_attrs[PROGRESS]},
        )
        for trial in before.frozen
        if trial.state.is_finished() and _lies_in(trial, definition.space)
    ]


def _lies_in(trial: FrozenTrial, space: Space) -> bool:
    """True if the space has this trial: its parameters, no others, each with such a value."""
    active = [parameter for parameter in space.parameters if parameter.is_active(trial.params)]
    return {parameter.name for parameter in active} == {*trial.params} and all(
        trial.params[parameter.name] in parameter.domain for parameter in active
    )
