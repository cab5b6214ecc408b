"""Where the trials of a study are stored: a journal file by default, or a database.

Both are Optuna's own storages, which its other tools open, too: `optuna-dashboard FILE|URL`.
"""

import copy
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import BaseStorage, JournalStorage, RDBStorage, get_storage
from optuna.storages.journal import JournalFileBackend
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from glassnet.core.errors import GlassnetError
from glassnet.tuning.definition import Definition
from glassnet.tuning.locks import FileLocks, Locks, PostgresLocks, locked

JOURNAL = "journal.log"
_LOCKS = "locks"
_IDENTITY = "glassnet"  # the attribute of a study that holds the hash of its definition
_STUDY = "study"  # the lock under which one process decides
# A connection whose machine is gone ends within half a minute, and its locks with it.
_KEEPALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}

optuna.logging.set_verbosity(optuna.logging.WARNING)


class StudyStorage:
    """The trials of one study, shared by all processes that work on it."""

    def __init__(self, folder: Path, url: str | None, name: str, definition: Definition) -> None:
        self.name = name
        self.locks: Locks = FileLocks(folder / _LOCKS)
        if url is None:
            self.optuna: BaseStorage = _journal(folder / JOURNAL, folder / _LOCKS)
        else:
            database = _database(url)
            self.optuna = get_storage(database)
            if url.startswith("postgresql"):
                self.locks = PostgresLocks(database.engine, name)
        maximize, identity = definition.maximize, definition.identity
        direction = StudyDirection.MAXIMIZE if maximize else StudyDirection.MINIMIZE
        with self.lock():
            self.study_id = _study_id(self.optuna, name, direction)
            stored = self.optuna.get_study_user_attrs(self.study_id).get(_IDENTITY)
            if stored is None and not self.trials():
                self.optuna.set_study_user_attr(self.study_id, _IDENTITY, identity)
            elif stored != identity:
                what = f"the storage has another study of the name {name}."
                raise GlassnetError(what, where=url or str(folder), fix="Choose another --name.")

    def sibling(self, suffix: str) -> "StudyStorage":
        """Return another study of the same storage and the same locks, NAME-suffix."""
        other = copy.copy(self)
        other.name = f"{self.name}-{suffix}"
        direction = self.optuna.get_study_directions(self.study_id)[0]
        other.study_id = _study_id(self.optuna, other.name, direction)
        return other

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Context in which no other process changes the study."""
        with locked(self.locks, _STUDY):
            yield

    def trials(self) -> list[FrozenTrial]:
        """Return all trials by number."""
        return self.optuna.get_all_trials(self.study_id, deepcopy=False)

    def create(self, templates: Sequence[FrozenTrial]) -> None:
        """Add waiting trials."""
        for template in templates:
            self.optuna.create_new_trial(self.study_id, template)

    def create_first(self, templates: Sequence[FrozenTrial]) -> None:
        """Add ended trials, unless the study has begun."""
        with self.lock():
            self.create(templates[len(self.trials()) :])

    def start(self, trial: FrozenTrial) -> None:
        """Set a waiting trial to running."""
        if trial.state == TrialState.WAITING:
            self.optuna.set_trial_state_values(trial._trial_id, TrialState.RUNNING)

    def end(self, trial: FrozenTrial, state: TrialState, value: float | None = None) -> None:
        """Set the final state of a trial."""
        values = None if value is None else [value]
        self.optuna.set_trial_state_values(trial._trial_id, state, values)

    def set(self, trial: FrozenTrial, key: str, value: Any) -> None:
        """Set an attribute of a trial."""
        self.optuna.set_trial_user_attr(trial._trial_id, key, value)

    def report(self, trial: FrozenTrial, step: int, value: float) -> None:
        """Store the score of a trial after a step, here an epoch."""
        self.optuna.set_trial_intermediate_value(trial._trial_id, step, value)


def _study_id(storage: BaseStorage, name: str, direction: StudyDirection) -> int:
    try:
        return storage.get_study_id_from_name(name)
    except KeyError:
        return storage.create_new_study([direction], name)


class _JournalLock:
    """A lock that a killed process does not leave behind, unlike Optuna's; it also removes the half
    of a line that such a process may have written.
    """

    def __init__(self, path: Path, locks: Path) -> None:
        self._path, self._locks = path, FileLocks(locks)

    def acquire(self) -> bool:
        self._locks.acquire(JOURNAL, wait=True)
        _remove_partial_line(self._path)
        return True

    def release(self) -> None:
        self._locks.release(JOURNAL)


def _remove_partial_line(path: Path) -> None:
    """Truncate a file to its last line end."""
    with open(path, "rb+") as file:
        size = file.seek(0, os.SEEK_END)
        if not size:
            return
        file.seek(size - 1)
        if file.read(1) != b"\n":
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)


def _journal(path: Path, locks: Path) -> JournalStorage:
    lock: Any = _JournalLock(path, locks)  # Optuna exports no base class for it
    return JournalStorage(JournalFileBackend(str(path), lock))


def _database(url: str) -> RDBStorage:
    kind = url.partition(":")[0].partition("+")[0]
    if kind not in ("postgresql", "sqlite"):
        raise GlassnetError(
            f"{kind!r} is not a supported database.",
            where="--storage",
            fix="Give a URL such as postgresql+psycopg://user@host/database or sqlite:///FILE; "
            "without --storage, a file in the study's folder is used.",
        )
    options = {"connect_args": _KEEPALIVE} if kind == "postgresql" else {}
    try:
        return RDBStorage(url, engine_kwargs={"pool_pre_ping": True, **options})
    except ImportError as error:
        fix = "pip install 'psycopg[binary]' and write postgresql+psycopg://..."
        what = f"the database's driver is not installed ({error})."
        raise GlassnetError(what, where="--storage", fix=fix) from error
    except Exception as error:  # SQLAlchemy's, of many kinds
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        what = f"the database can't be opened: {reason}"
        fix = "Check host, port, user, password and the database's name."
        raise GlassnetError(what, where="--storage", fix=fix) from error
