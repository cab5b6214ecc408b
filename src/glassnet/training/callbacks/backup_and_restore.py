"""`BackupAndRestore`: writes checkpoints of a training, and resumes it from them."""

import hashlib
import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, map_arrays, whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.files import checked_path, writing
from glassnet.core.registry import describe
from glassnet.core.tensor_file import Kinds
from glassnet.engines.state import Engine, State
from glassnet.optimizers import Optimizer
from glassnet.training.batches import Batches
from glassnet.training.callbacks import Callback
from glassnet.training.callbacks.progress_bar import Progress
from glassnet.training.checkpoint import (
    array_kinds,
    read_checkpoint,
    read_training,
    write_checkpoint,
)
from glassnet.training.criterion import Criteria
from glassnet.training.divergence import require_finite_weights
from glassnet.training.examples import Examples
from glassnet.training.loop import Position
from glassnet.training.source import Plan
from glassnet.training.step import Objective

log = logging.getLogger(__name__)

FILES = ("checkpoint.safetensors", "checkpoint.1.safetensors")
ABANDONED = 3600.0  # seconds after which no process is still writing a file
INTERVAL = 1.0  # least seconds between the checkpoints of two epochs


class BackupAndRestore(Callback):
    """Resume an interrupted training, bit for bit. Arguments as in Keras.

    `fit` with this callback starts from the checkpoint in `backup_dir`, if there is one. A
    checkpoint is written after each epoch; with a number as `save_freq`, also after every so many
    steps; with `seconds`, also after this time, but then not after every epoch shorter than a
    second. With `double_checkpoint`, the last two are kept: if one is damaged, training resumes
    from the other. At the end they are removed, unless `delete_checkpoint` is False. Raises
    GlassnetError if a checkpoint belongs to other data or to another training.
    """

    writes_model = True

    def __init__(
        self,
        backup_dir: str | Path,
        save_freq: str | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
        *,
        seconds: float | None = None,
    ) -> None:
        self.folder = checked_path(backup_dir, "BackupAndRestore: backup_dir")
        self.delete_checkpoint, self.seconds = delete_checkpoint, seconds
        self.every = None if save_freq == "epoch" else whole_number(save_freq, "save_freq", 1)
        if seconds is not None and not seconds >= 0:
            raise GlassnetError(f"must be ≥ 0, got {seconds}.", where="seconds")
        self.files = [self.folder / name for name in FILES[: 1 + double_checkpoint]]
        self.restored: Position | None = None
        self._training: dict[str, Any] = {}
        self._kinds: Kinds = {}
        self._callbacks, self._newest = 0, self.files[-1]
        self._last, self._written = time.monotonic(), False

    # -- called by `fit` -------------------------------------------------------------------------

    def begin(
        self, training: dict[str, Any], state: State, callbacks: Sequence[Callback], plan: Plan
    ) -> Position | None:
        """Return the position to resume from; None without a checkpoint. Raises if the checkpoint
        belongs to another training.
        """
        self._last, self._written = time.monotonic(), False
        self._training, self._kinds, self._callbacks = training, array_kinds(state), len(callbacks)
        with writing(self.folder, "Choose another folder."):
            self.folder.mkdir(parents=True, exist_ok=True)
            for path in self.folder.glob(".checkpoint*.part"):
                with suppress(FileNotFoundError):
                    if time.time() - path.stat().st_mtime > ABANDONED:
                        path.unlink()  # left by a process that was killed while writing
        self.restored, position = None, self.newest()
        if position and (position.epoch, position.step) > (plan.epochs, 0):
            steps = f" and {position.step} steps" if position.step else ""
            raise GlassnetError(
                f"is after {position.epoch} epochs{steps}, more than the {plan.epochs} requested.",
                where=str(self._newest),
                fix=f"Train for {position.epoch + (position.step > 0)} epochs or more, or start "
                "again in another folder.",
            )
        self.restored = position
        return position

    def newest(self) -> Position | None:
        """Return the position of the newest undamaged checkpoint; None if there is none."""
        checkpoints: list[tuple[tuple[int, int], Path, Position]] = []
        damaged: list[GlassnetError] = []
        for path in self.files:
            if not path.exists():
                continue
            try:
                position, training = read_checkpoint(path, self._kinds, self._callbacks)
            except GlassnetError as error:
                damaged.append(error)
                continue
            ours, stored = self._training["optimizer"], training.get("optimizer")
            if ours["learning_rate"] == position.learning_rate and isinstance(stored, dict):
                # A callback set it before a training that this process continues.
                ours["learning_rate"] = stored.get("learning_rate")
            _require_same(training, self._training, str(path))
            checkpoints.append(((position.epoch, position.step), path, position))
        if damaged and not checkpoints:
            for path in filter(Path.exists, self.files):  # of another training, rather than damaged
                _require_same(read_training(path) or self._training, self._training, str(path))
            raise GlassnetError(
                " ".join(f"{error.where}: {error.what}" for error in damaged),
                where="all checkpoints are damaged",
                fix=f"Restore {'one of them' if len(damaged) > 1 else 'it'}, or train again in "
                "another folder.",
            )
        if not checkpoints:
            return None
        _, self._newest, position = max(checkpoints, key=lambda checkpoint: checkpoint[0])
        for damage in damaged:
            log.warning(f"{damage.where} {damage.what} Resuming from {self._newest}.")
        return position

    @property
    def saved(self) -> bool:
        """True if there is a checkpoint of this training, written or read."""
        return self._written or self.restored is not None

    def delete(self) -> None:
        """Remove the checkpoints."""
        for path in self.files:
            with suppress(FileNotFoundError):
                path.unlink()

    # -- called by the training loop -------------------------------------------------------------

    def steps_left(self, step: int) -> int | None:
        """Return in how many steps a checkpoint is due; None if not after a number of steps."""
        return None if self.every is None else self.every - step % self.every

    def due(self, step: int, epoch_ends: bool) -> bool:
        """True if a checkpoint is due after this many steps."""
        if self.every is not None and step % self.every == 0:
            return True
        elapsed = time.monotonic() - self._last
        if epoch_ends:
            return self.seconds is None or not self._written or elapsed >= INTERVAL
        return self.seconds is not None and elapsed >= self.seconds

    def write(self, position: Position) -> None:
        """Write a checkpoint, replacing the older one. Raises if a weight is non-finite."""
        require_finite_weights(
            {"weights": position.state.params, **position.state.slots},
            where=f"epoch {position.epoch + 1}, after step {position.step}",
            weights="The last checkpoint is kept." if any(map(Path.exists, self.files)) else "",
        )
        older = self.files[(self.files.index(self._newest) + 1) % len(self.files)]
        write_checkpoint(older, position, self._training)
        self._newest, self._last, self._written = older, time.monotonic(), True


def find_backup(
    callbacks: Sequence[Callback],
    engine: Engine,
    objective: Objective,
    optimizer: Optimizer,
    plan: Plan,
    data: Examples | Batches,
    held_out: Examples | Batches | None,
) -> tuple[BackupAndRestore | None, Position | None]:
    """Return (the `BackupAndRestore` callback, the position to resume from), or None for each."""
    backups = [callback for callback in callbacks if isinstance(callback, BackupAndRestore)]
    if len(backups) > 1:
        raise GlassnetError(
            f"there are {len(backups)}, but training can resume from only one.",
            where="BackupAndRestore",
            fix="Use one; with double_checkpoint=True it keeps two checkpoints.",
        )
    if not backups:
        return None, None
    if isinstance(data, Batches) and data.once:
        raise GlassnetError(
            "can't resume with a generator or an iterator, which can't be read again.",
            where="BackupAndRestore",
            fix="Pass an object whose __iter__ begins at the first batch, or a PyDataset.",
        )
    # Everything that the result depends on. Excluded are the number of epochs and the arguments of
    # callbacks: a resumed training may have others.
    passive, criterion = (BackupAndRestore, Progress), objective.criterion
    training = {
        "engine": engine.name,
        "frozen": sorted(objective.frozen) or None,
        "network": describe(objective.network),
        "loss": [describe(part.loss) for part in criterion.parts],
        "metrics": [[*part.metrics, *part.per_dataset] for part in criterion.parts],
        "loss_weights": dict(criterion.shares) if isinstance(criterion, Criteria) else {},
        "augment": describe(objective.augment),
        "optimizer": describe(optimizer),
        "callbacks": [type(c).__name__ for c in callbacks if not isinstance(c, passive)],
        **{name: value for name, value in vars(plan).items() if name != "epochs"},
        "data": _checksum([data, held_out]),
    }
    return backups[0], backups[0].begin(training, engine.state(), callbacks, plan)


def _checksum(data: Sequence[Examples | Batches | None]) -> str:
    """Return a checksum of all rows, of data in batches of the first batch."""
    digest = hashlib.sha256()

    def add(array: Array | None) -> None:
        if array is not None:
            digest.update(f"{array.dtype} {array.shape}".encode())
            digest.update(np.ascontiguousarray(array).data)

    for part in data:
        part = part.first if isinstance(part, Batches) else part
        map_arrays(add, (part.x, part.targets, part.weights) if part else ())
        digest.update(b"|")
    return digest.hexdigest()


def _require_same(checkpoint: Mapping[str, Any], training: Mapping[str, Any], where: str) -> None:
    """Raise if the checkpoint belongs to another training than this one."""
    for name in (*training, *checkpoint):
        before, now = checkpoint.get(name), training.get(name)
        if name == "data" and before != now:
            raise GlassnetError(
                "belongs to a training on other data.",
                where=where,
                fix="Restore the original data, or train again in another folder. Batches must "
                "come in the same order each time.",
            )
        if before != now:
            if isinstance(before, dict) and isinstance(now, dict):
                before, now = _differing(before, now), _differing(now, before)
            raise GlassnetError(
                f"belongs to a training with {name} {before!r:.200}; this one has {now!r:.200}.",
                where=where,
                fix="Use the same settings, or train again in another folder.",
            )


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries that the other lacks or has with another value."""
    return {key: value for key, value in one.items() if other.get(key, other) != value}
