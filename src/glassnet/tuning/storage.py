"""Where the trials of a study are stored: a journal file by default, or a database.

Both are Optuna's own storages, which its other tools open, too: `optuna-dashboard FILE|URL`.
"""

import copy
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from optuna.exceptions import DuplicatedStudyError
from optuna.storages import BaseStorage, JournalStorage, get_storage
from optuna.storages.journal import JournalFileBackend
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from glassnet.core.errors import GlassnetError
from glassnet.core.files import writing
from glassnet.tuning.database import open_database
from glassnet.tuning.definition import Definition
from glassnet.tuning.extra import quiet
from glassnet.tuning.locks import FileLocks, Locks, locked

JOURNAL = "journal.log"
_LOCKS = "locks"
_IDENTITY = "glassnet"  # the attribute of a study that holds the hash of its definition
_STUDY = "study"  # the lock under which one process decides


class StudyStorage:
    """The trials of one study, shared by all processes that work on it."""

    def __init__(self, folder: Path, url: str | None, name: str, definition: Definition) -> None:
        self.name = name
        locks = FileLocks(folder / _LOCKS)
        self.locks: Locks = locks
        self._journal: _Journal | None = None
        if url is None:
            self._journal = _Journal(folder / JOURNAL, locks)
            self.optuna: BaseStorage = _opened(self._journal, folder / JOURNAL)
        else:
            database, self.locks = open_database(url, name, locks)
            self.optuna = get_storage(database)
        maximize, identity = definition.maximize, definition.identity
        direction = StudyDirection.MAXIMIZE if maximize else StudyDirection.MINIMIZE
        with self.lock():
            self.study_id = _study_id(self.optuna, name, direction)
            stored = self.optuna.get_study_user_attrs(self.study_id).get(_IDENTITY)
            if stored is None and not self.trials():
                self.optuna.set_study_user_attr(self.study_id, _IDENTITY, identity)
            elif stored != identity:
                place = "--storage" if url else str(folder)  # a URL may hold a password
                what = f"the storage has another study of the name {name}."
                raise GlassnetError(what, where=place, fix="Choose another --name.")

    def sibling(self, suffix: str) -> "StudyStorage":
        """Return another study of the same storage and the same locks, NAME/suffix: no study of
        another folder has such a name.
        """
        other = copy.copy(self)
        other.name = f"{self.name}/{suffix}"
        direction = self.optuna.get_study_directions(self.study_id)[0]
        other.study_id = _study_id(self.optuna, other.name, direction)
        return other

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Context in which no other process changes the study; at its end, changes are on disk."""
        with locked(self.locks, _STUDY):
            yield
            if self._journal is not None:
                self._journal.sync()

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
        with quiet(), suppress(DuplicatedStudyError):  # another process was faster
            return storage.create_new_study([direction], name)
        return storage.get_study_id_from_name(name)


class _Journal(JournalFileBackend):
    """Optuna's journal, with locks that a killed process does not leave behind, without the half of
    a line that such a process may have written, and with one wait for the disk for all lines that
    are written under the study's lock.
    """

    def __init__(self, path: Path, locks: FileLocks) -> None:
        super().__init__(str(path))
        self._path, self._locks, self._synced = path, locks, True

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        lines = "".join(json.dumps(entry, separators=(",", ":")) + "\n" for entry in logs)
        with locked(self._locks, JOURNAL), self._writing(), open(self._path, "rb+") as file:
            _seek_last_line_end(file)
            file.write(lines.encode())
            self._synced = False

    def sync(self) -> None:
        """Wait until all lines that this process wrote are on the disk."""
        if not self._synced:
            with self._writing(), open(self._path, "rb") as file:
                os.fsync(file.fileno())
            self._synced = True

    def _writing(self) -> AbstractContextManager[None]:
        return writing(
            self._path, "Nothing is lost: free some space, and the same command goes on."
        )


def _opened(journal: _Journal, path: Path) -> JournalStorage:
    """Return the storage of a journal; raises if it is damaged."""
    try:
        return JournalStorage(journal)
    except (ValueError, KeyError) as error:
        what = f"is damaged: {type(error).__name__}, {error}."
        fix = "Start again with another --name."
        raise GlassnetError(what, where=str(path), fix=fix) from error


def _seek_last_line_end(file: BinaryIO) -> None:
    """Go to the end of a file, truncated to its last line end."""
    size = file.seek(0, os.SEEK_END)
    if size:
        file.seek(size - 1)
        if file.read(1) != b"\n":
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)
            file.seek(0, os.SEEK_END)
