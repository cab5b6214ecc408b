"""A run: the folder that holds one training, and the only argument that later commands need.

`config.json` holds all that is needed to repeat it, `history.jsonl` one line per epoch,
`model.safetensors` the model, `metrics.json` the results.
"""

import logging
import math
import os
import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

from glassnet.core.errors import GlassnetError
from glassnet.core.files import (
    checked_path,
    make_durable,
    read_file,
    require_name,
    unwritable,
    write_whole,
    writing,
)
from glassnet.core.registry import build, register
from glassnet.core.strict_json import json_text, require_unicode, strict_json
from glassnet.model.file import METRICS_FILE, MODEL_FILE, require_run
from glassnet.runs.settings import Settings
from glassnet.training.callbacks import Callback, Record
from glassnet.training.callbacks.backup_and_restore import FILES, BackupAndRestore

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

log = logging.getLogger(__name__)

CONFIG_FILE, HISTORY_FILE = "config.json", "history.jsonl"
START_FILE = "start.safetensors"  # of a fine-tuning: the model as it was before the first step
_PARTIAL_FILES = ".*.part"
_MOST, _MOST_RESULTS = 4 * 2**20, 64 * 2**20  # bytes; results grow with epochs and classes
_HINT = "Give the folder of a run; for a cross-validation, the folder of one fold."


class DataReference(NamedTuple):
    """The data set of a run, as its `config.json` records it."""

    name: str
    folder: str | None  # where it was loaded from, if a folder was given
    sha256: str


class Run:
    """The folder of a run, and the files in it."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def _repr_html_(self) -> str:
        from glassnet.runs.representation import html_of

        return html_of(self)

    @classmethod
    def create(cls, out: str | Path, name: str | None, prefix: str) -> "Run":
        """Create a folder under `out`: `name`, which must not be in use, or the next `prefix`-N.

        A folder that a process left when it was killed before it began to train is not in use.
        """
        out = checked_path(out, "--out")
        require_unicode(out, "--out")
        prefix = re.sub(r"[^\w.-]", "_", prefix)
        if name is not None:
            require_name(name)
        try:
            out.mkdir(parents=True, exist_ok=True)
            if name is not None:
                (out / name).mkdir(exist_ok=_is_unused(out / name))
                return cls(out / name)
            taken = (re.fullmatch(rf"{re.escape(prefix)}-(\d+)", p.name) for p in out.iterdir())
            number = max((int(match[1]) for match in taken if match), default=0)
            while True:  # another process may take the same number at the same time
                number += 1
                try:
                    (out / f"{prefix}-{number}").mkdir()
                    return cls(out / f"{prefix}-{number}")
                except FileExistsError:
                    continue
        except FileExistsError as error:
            if not out.is_dir():
                fix = "Choose another folder with --out."
                raise GlassnetError("is not a folder.", where=str(out), fix=fix) from error
            existing = Path(error.filename or out)
            resumable = not cls(existing).ended and cls(existing).resume_hint
            resume = f"To resume it: glassnet resume {shlex.quote(str(existing))}. Otherwise "
            raise GlassnetError(
                "already exists, and a run is never overwritten.",
                where=str(existing),
                fix=resume + "choose another --name." if resumable else "Choose another --name.",
            ) from error
        except OSError as error:
            where = error.filename or out
            raise unwritable(where, error, "Choose another folder with --out.") from error

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Lock the folder: no other process can train in it until this one exits."""
        if fcntl is None:
            yield
            return
        with writing(self.folder, "Choose another folder."):
            folder = os.open(self.folder, os.O_RDONLY)
        try:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                what = "is being trained by another process."
                raise GlassnetError(what, where=str(self.folder)) from None
            except OSError:  # a file system without locks
                pass
            yield
        finally:
            os.close(folder)

    def remove_partial_files(self) -> None:
        """Remove the partial files of a process that was killed; call it only under `lock`."""
        for path in self.folder.glob(_PARTIAL_FILES):
            with suppress(OSError):
                path.unlink()

    def remove(self) -> bool:
        """Remove the files of a training; True if that left the folder empty and removed it."""
        self.remove_partial_files()
        self.remove_checkpoints()
        for name in (CONFIG_FILE, HISTORY_FILE, MODEL_FILE, METRICS_FILE):
            with suppress(OSError):
                (self.folder / name).unlink()
        with suppress(OSError):
            self.folder.rmdir()
        return not self.folder.exists()

    def remove_checkpoints(self) -> None:
        """Remove the checkpoints and the model of the start, if there are any."""
        for name in (*FILES, START_FILE):
            with suppress(OSError):
                (self.folder / name).unlink()

    @contextmanager
    def removed_on_error(self) -> Iterator[None]:
        """Context that removes the run if an error ends it before anything was learned."""
        try:
            yield
        except GlassnetError:
            if not (self.has_history or self.resume_hint):
                self.remove()
            raise

    @property
    def model(self) -> Path:
        """The path of the model file."""
        return self.folder / MODEL_FILE

    @property
    def ended(self) -> bool:
        """True if the training has ended."""
        return (self.folder / METRICS_FILE).exists()

    @property
    def has_history(self) -> bool:
        """True if there is a history of epochs; an imported model has none."""
        return (self.folder / HISTORY_FILE).exists()

    @property
    def unfinished_note(self) -> str:
        """The note for a training that has not ended; empty if it has."""
        config = self.read(CONFIG_FILE)
        if self.ended or "imported" in config:
            return ""
        done = len(self.history()) if self.has_history else 0
        epochs = (config.get("settings") or {}).get("epochs")
        return f"training has not ended: {done} of {epochs} epochs are done."

    @property
    def resume_hint(self) -> str:
        """The command that resumes the training; empty if there is no checkpoint."""
        saved = any((self.folder / name).exists() for name in FILES)
        return f"To resume: glassnet resume {shlex.quote(str(self.folder))}" if saved else ""

    def warn_if_unfinished(self) -> None:
        """Log a note if the training has not ended."""
        if unfinished_note := self.unfinished_note:
            log.warning(f"note: {self.folder}: {unfinished_note} {self.resume_hint}".rstrip())

    def invalid_file(self, name: str) -> GlassnetError:
        """Return the error for a file whose content glassnet cannot have written."""
        what = "does not have the format that glassnet writes."
        return GlassnetError(what, where=str(self.folder / name))

    def write(self, name: str, value: Any) -> None:
        """Write a JSON file atomically; non-finite numbers become null."""
        require_unicode(value, str(self.folder / name))
        write_whole(self.folder / name, (json_text(value, indent=2) + "\n").encode())

    def read(self, name: str) -> dict[str, Any]:
        """Return the content of a JSON file of the run."""
        require_run(self.folder)
        path = self.folder / name
        most = _MOST_RESULTS if name == METRICS_FILE else _MOST
        return strict_json(read_file(path, most, _HINT), str(path))

    def history(self) -> list[dict[str, Any]]:
        """Return one dict of numbers per finished epoch; NaN for non-finite numbers.

        All epochs have the same keys.
        """
        path = self.folder / HISTORY_FILE
        lines = read_file(path, _MOST_RESULTS, _HINT).splitlines()
        if not lines:
            what, fix = "has no epochs yet.", "Train longer."
            if self.ended:
                what, fix = "is empty: it was damaged.", "Restore it, or train a new run."
            raise GlassnetError(what, where=str(path), fix=fix)
        rows = [strict_json(line, str(path)) for line in lines]
        if not all(
            type(row.get("epoch")) is int
            and "loss" in row
            and all(type(value) in (int, float, type(None)) for value in row.values())
            for row in rows
        ):
            raise self.invalid_file(HISTORY_FILE)
        names = dict.fromkeys(name for row in rows for name in row)
        finite = [{name: value for name, value in row.items() if value is not None} for row in rows]
        return [{name: row.get(name, math.nan) for name in names} for row in finite]

    def data_reference(self) -> DataReference:
        """Return the data set that `config.json` names. Raises if it names none."""
        config = self.read(CONFIG_FILE)
        settings, data = config.get("settings"), config.get("data")
        if not isinstance(settings, dict) or not isinstance(data, dict):
            raise GlassnetError(
                "names no data set.",
                where=str(self.folder / CONFIG_FILE),
                fix="If the model was imported, import it with --data NAME.",
            )
        name, folder, sha256 = settings.get("data"), data.get("folder"), data.get("sha256")
        texts = (name, folder or "", settings.get("loss"), sha256)
        if not all(isinstance(text, str) for text in texts):
            raise self.invalid_file(CONFIG_FILE)
        return DataReference(str(name), folder, str(sha256))


def _is_unused(folder: Path) -> bool:
    """True if the folder holds only what a process leaves that is killed before it begins.

    This is partial files of `write_whole`, the folder of a fold, or an import without its model.
    """
    if not folder.is_dir():
        return False
    names = {path.name for path in folder.iterdir()}
    if CONFIG_FILE in names and MODEL_FILE not in names and _is_import(folder):
        names.remove(CONFIG_FILE)
    return all(
        fnmatch(name, _PARTIAL_FILES) if (folder / name).is_file() else _is_unused(folder / name)
        for name in names
    )


def _is_import(folder: Path) -> bool:
    try:
        return "imported" in Run(folder).read(CONFIG_FILE)
    except GlassnetError:
        return False


class HistoryFile(Callback):
    """Appends each epoch to the run's `history.jsonl`; on resume, after those of the checkpoint."""

    def __init__(self, run: Run, backup: BackupAndRestore | None = None) -> None:
        self.path, self.backup = run.folder / HISTORY_FILE, backup

    def on_train_begin(self, record: Record) -> None:
        past = self.backup.restored if self.backup else None
        lines = [_line(*row) for row in past.history.rows()] if past else []
        if lines or self.path.exists():  # it may hold epochs after the checkpoint
            write_whole(self.path, "".join(lines).encode())

    def on_epoch_end(self, record: Record) -> None:
        stopped = "Training was stopped."
        with writing(self.path, stopped), open(self.path, "a", encoding="utf-8") as file:
            file.write(_line(record.epoch, record.logs, record.seconds))

    def on_train_end(self, record: Record) -> None:
        if self.path.exists():  # it may have been interrupted in the first epoch
            make_durable(self.path)  # before the checkpoints, its other copy, are removed


def _line(epoch: int, logs: Mapping[str, float], seconds: float) -> str:
    return json_text({"epoch": epoch, **logs, "seconds": round(seconds, 3)}) + "\n"


register("settings")(Settings)


def settings_of(run: Run) -> Settings:
    """Return the settings that a run was trained with; every name and value is checked."""
    return parse_settings(run.read(CONFIG_FILE), str(run.folder / CONFIG_FILE))


def parse_settings(config: Mapping[str, Any], where: str) -> Settings:
    """Return the settings in the content of a `config.json`; every name and value is checked."""
    entries = config.get("settings")
    if not isinstance(entries, dict):
        fix = "Name the data: glassnet doctor DATA."
        raise GlassnetError("has no settings.", where=where, fix=fix)
    return build("settings", {**entries, "class": "Settings"}, where=where)


def history_of(run: Run) -> dict[str, list[float]]:
    """Return the values of all epochs by name, like `History.history`."""
    rows = run.history()
    return {name: [row[name] for row in rows] for name in rows[0] if name != "epoch"}


def is_run(name: str) -> bool:
    """True if this is the folder of a run rather than the name of a data set."""
    return os.path.isfile(os.path.join(name, CONFIG_FILE))
