"""A run: one folder with everything about one training, the only argument later commands need.

`config.json` has what repeats it, `history.jsonl` a line an epoch, `model.safetensors` the model,
`metrics.json` the results.
"""

import math
import os
import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.core.files import read_file, unwritable, write_whole
from glassnet.core.registry import build, register
from glassnet.core.strict_json import json_text, strict_json
from glassnet.model.file import METRICS_FILE, MODEL_FILE
from glassnet.runs.settings import Settings
from glassnet.training.callbacks import Callback, Record
from glassnet.training.callbacks.backup_and_restore import FILES, BackupAndRestore

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

CONFIG_FILE, HISTORY_FILE = "config.json", "history.jsonl"
_HALF_WRITTEN = ".*.part"
_MOST, _MOST_HISTORY = 4 * 2**20, 64 * 2**20  # bytes
_HINT = "Give a run's folder; of a training in folds, that of one fold."


class Run:
    """A run's folder, by its path."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    @classmethod
    def create(cls, out: str | Path, name: str | None, prefix: str, again: bool = False) -> "Run":
        """A new folder under `out`: `name`, which must not exist yet, or the next `prefix`-N.

        With `again`, `name` may be what a process left that was killed before it began: an empty
        folder, or files of ours that are half written.
        """
        out = Path(out)
        if name is not None and (name in (".", "..") or not re.fullmatch(r"[\w.-]+", name)):
            raise GlassnetError(
                f"{name!r} is no name for a folder.",
                where="--name",
                fix="Use letters, digits, '_', '-' and '.'.",
            )
        try:
            out.mkdir(parents=True, exist_ok=True)
            if name is not None:
                (out / name).mkdir(exist_ok=again and _never_begun(out / name))
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
            kept = Path(error.filename or out)
            begun = (kept / CONFIG_FILE).exists() and not cls(kept).ended
            resume = f"It has not ended; to go on: glassnet resume {shlex.quote(str(kept))}. Else "
            raise GlassnetError(
                "exists already, and a run is never overwritten.",
                where=str(kept),
                fix=resume + "choose another --name." if begun else "Choose another --name.",
            ) from error
        except OSError as error:
            where = error.filename or out
            raise unwritable(where, error, "Choose another folder with --out.") from error

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes from training in this folder until this one ends or is killed."""
        if fcntl is None:
            yield
            return
        try:
            folder = os.open(self.folder, os.O_RDONLY)
        except OSError as error:
            raise unwritable(self.folder, error, "Choose another folder.") from error
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

    def sweep(self) -> None:
        """Remove what a process left that was killed while it wrote; ask only when `alone`."""
        for path in self.folder.glob(_HALF_WRITTEN):
            with suppress(OSError):
                path.unlink()

    def remove(self) -> bool:
        """Remove the files of a training, and the folder if nothing else is in it; whether so."""
        self.sweep()
        for name in (CONFIG_FILE, HISTORY_FILE, MODEL_FILE, METRICS_FILE, *FILES):
            with suppress(OSError):
                (self.folder / name).unlink()
        with suppress(OSError):
            self.folder.rmdir()
        return not self.folder.exists()

    @property
    def model(self) -> Path:
        """The model file."""
        return self.folder / MODEL_FILE

    @property
    def ended(self) -> bool:
        """Whether its training came to an end."""
        return (self.folder / METRICS_FILE).exists()

    @property
    def has_history(self) -> bool:
        """Whether its epochs are known; an imported model has none."""
        return (self.folder / HISTORY_FILE).exists()

    @property
    def unfinished(self) -> str:
        """What is to be said of a training that has not ended; nothing of one that has."""
        config = self.read(CONFIG_FILE)
        if self.ended or "imported" in config:
            return ""
        done = len(self.history()) if self.has_history else 0
        epochs = (config.get("settings") or {}).get("epochs")
        return f"its training has not ended: {done} of {epochs} epochs are done."

    @property
    def to_go_on(self) -> str:
        """How to go on with it, where that is possible."""
        saved = any((self.folder / name).exists() for name in FILES)
        return f"To go on: glassnet resume {shlex.quote(str(self.folder))}" if saved else ""

    def altered(self, name: str) -> GlassnetError:
        """The error of a file that holds what glassnet never writes."""
        return GlassnetError("is not as glassnet wrote it.", where=str(self.folder / name))

    def write(self, name: str, value: Any) -> None:
        """Write a JSON file, whole or not at all; null for what is not finite."""
        write_whole(self.folder / name, (json_text(value, indent=2) + "\n").encode())

    def read(self, name: str) -> dict[str, Any]:
        """Read a JSON file of the run."""
        path = self.folder / name
        return strict_json(read_file(path, _MOST, _HINT), str(path))

    def history(self) -> list[dict[str, Any]]:
        """The epochs, a dict of numbers each, as far as the run came; NaN for what was not finite.

        Every epoch has the names that any of them has.
        """
        path = self.folder / HISTORY_FILE
        lines = read_file(path, _MOST_HISTORY, _HINT).splitlines()
        if not lines:
            raise GlassnetError("holds no epoch yet.", where=str(path), fix="Train longer.")
        rows = [strict_json(line, str(path)) for line in lines]
        if not all(
            type(row.get("epoch")) is int
            and "loss" in row
            and all(type(value) in (int, float, type(None)) for value in row.values())
            for row in rows
        ):
            raise self.altered(HISTORY_FILE)
        names = dict.fromkeys(name for row in rows for name in row)
        known = [{name: value for name, value in row.items() if value is not None} for row in rows]
        return [{name: row.get(name, math.nan) for name in names} for row in known]

    def trained_on(self) -> tuple[str, str | None, str, str]:
        """(data set, its folder if one was given, loss, hash of the data) of `config.json`."""
        config = self.read(CONFIG_FILE)
        settings, data = config.get("settings"), config.get("data")
        if not isinstance(settings, dict) or not isinstance(data, dict):
            raise GlassnetError(
                "names no data set.",
                where=str(self.folder / CONFIG_FILE),
                fix="If the model was imported, import it with --data NAME.",
            )
        found = (settings.get("data"), data.get("folder"), settings.get("loss"), data.get("sha256"))
        name, folder, loss, digest = found
        if not all(isinstance(text, str) for text in (name, folder or "", loss, digest)):
            raise self.altered(CONFIG_FILE)
        return str(name), folder, str(loss), str(digest)


def _never_begun(folder: Path) -> bool:
    """Whether it holds nothing but what `write_whole` was killed at."""
    return folder.is_dir() and all(p.match(_HALF_WRITTEN) and p.is_file() for p in folder.iterdir())


class HistoryFile(Callback):
    """Appends each epoch to the run's `history.jsonl`, after those that a checkpoint remembers."""

    def __init__(self, run: Run, backup: BackupAndRestore | None = None) -> None:
        self.path, self.backup = run.folder / HISTORY_FILE, backup

    def on_train_begin(self, record: Record) -> None:
        past = self.backup.restored if self.backup else None
        lines = [_line(*row) for row in past.history.rows()] if past else []
        if lines or self.path.exists():  # it may have epochs from after the checkpoint
            write_whole(self.path, "".join(lines).encode())

    def on_epoch_end(self, record: Record) -> None:
        try:
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(_line(record.epoch, record.logs, record.seconds))
        except OSError as error:
            raise unwritable(self.path, error, "Training was stopped.") from error


def _line(epoch: int, logs: Mapping[str, float], seconds: float) -> str:
    return json_text({"epoch": epoch, **logs, "seconds": round(seconds, 3)}) + "\n"


register("settings")(Settings)


def settings_of(run: Run) -> Settings:
    """The settings that a run was trained with, every name and value checked."""
    return settings_in(run.read(CONFIG_FILE), str(run.folder / CONFIG_FILE))


def settings_in(config: Mapping[str, Any], where: str) -> Settings:
    """The settings in a run's configuration, checked likewise."""
    said = config.get("settings")
    if not isinstance(said, dict):
        raise GlassnetError(
            "names no settings.",
            where=where,
            fix="Name the data: glassnet doctor DATA.",
        )
    settings: Settings = build("settings", {**said, "class": "Settings"}, where=where)
    return settings


def history_of(run: Run) -> dict[str, list[float]]:
    """The run's epochs, each number's list by its name."""
    rows = run.history()
    return {name: [row[name] for row in rows] for name in rows[0] if name != "epoch"}


def is_run(name: str) -> bool:
    """Whether this is a run's folder rather than a data set."""
    return (Path(name) / CONFIG_FILE).is_file()
