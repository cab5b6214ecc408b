"""Positions of a training kept in a folder, from which it goes on after whatever happened."""

import hashlib
import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.files import unwritable
from glassnet.core.registry import describe
from glassnet.core.tensor_file import Kinds
from glassnet.core.trees import items
from glassnet.engines.state import Engine, State
from glassnet.optimizers import Optimizer
from glassnet.training.callbacks import Callback
from glassnet.training.callbacks.progress_bar import Progress
from glassnet.training.checkpoint import kinds_of, read_checkpoint, write_checkpoint
from glassnet.training.criterion import Criteria
from glassnet.training.divergence import DivergenceError
from glassnet.training.examples import Examples
from glassnet.training.loop import Plan, Position
from glassnet.training.step import Objective

log = logging.getLogger(__name__)

FILES = ("checkpoint.safetensors", "checkpoint.1.safetensors")
ABANDONED = 3600.0  # seconds after which nobody still writes a file
AT_MOST = 1.0  # seconds between the ends of epochs that are worth a checkpoint each


class BackupAndRestore(Callback):
    """Go on where a training was interrupted, bit for bit. Arguments as in Keras.

    `fit` with this callback begins where the checkpoint in `backup_dir` says, if there is one.
    Checkpoints are written after each epoch, with a number as `save_freq` also after so many
    steps, and with `seconds` after so many seconds; then of epochs shorter than a second not each.
    With `double_checkpoint`, the last two are kept: if one is damaged, training goes on from the
    other. At the end they are removed, unless `delete_checkpoint` is False. Raises GlassnetError
    where a checkpoint is of other data or of another training.
    """

    def __init__(
        self,
        backup_dir: str | Path,
        save_freq: str | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
        *,
        seconds: float | None = None,
    ) -> None:
        self.folder = Path(backup_dir)
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

    # -- asked by `fit` --------------------------------------------------------------------------

    def begin(
        self, training: dict[str, Any], state: State, callbacks: Sequence[Callback], plan: Plan
    ) -> Position | None:
        """Where to go on, if there is a checkpoint; of this training, or it raises."""
        self._last, self._written = time.monotonic(), False
        self._training, self._kinds, self._callbacks = training, kinds_of(state), len(callbacks)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for path in self.folder.glob(".checkpoint*.part"):
                with suppress(FileNotFoundError):
                    if time.time() - path.stat().st_mtime > ABANDONED:
                        path.unlink()  # of a process that was killed while it wrote
        except OSError as error:
            raise unwritable(self.folder, error, "Choose another folder.") from error
        self.restored, found = None, self.newest()
        if found and (found.epoch, found.step) > (plan.epochs, 0):
            part = f" and {found.step} steps" if found.step else ""
            raise GlassnetError(
                f"has {found.epoch} epochs{part} behind it, more than the {plan.epochs} wanted.",
                where=str(self._newest),
                fix=f"Ask for {found.epoch + (found.step > 0)} epochs or more, or train anew in "
                "another folder.",
            )
        self.restored = found
        return found

    def newest(self) -> Position | None:
        """The position of the newest checkpoint that is whole."""
        found: list[tuple[tuple[int, int], Path, Position]] = []
        damaged: list[GlassnetError] = []
        for path in self.files:
            if not path.exists():
                continue
            try:
                position, training = read_checkpoint(path, self._kinds, self._callbacks)
            except GlassnetError as error:
                damaged.append(error)
                continue
            _require_same(training, self._training, str(path))
            found.append(((position.epoch, position.step), path, position))
        if damaged and not found:
            raise GlassnetError(
                " ".join(f"{error.where}: {error.what}" for error in damaged),
                where="no checkpoint is whole",
                fix=f"Remove {'them' if len(damaged) > 1 else 'it'} to train from the beginning.",
            )
        if not found:
            return None
        _, self._newest, position = max(found, key=lambda one: one[0])
        for one in damaged:
            log.warning(f"{one.where} {one.what} Going on from {self._newest}.")
        return position

    @property
    def saved(self) -> bool:
        """Whether there is a checkpoint of this training, written or read."""
        return self._written or self.restored is not None

    def finish(self) -> None:
        """Training has come to its end."""
        if self.delete_checkpoint:
            self.delete()

    def delete(self) -> None:
        """Remove the checkpoints."""
        for path in self.files:
            with suppress(FileNotFoundError):
                path.unlink()

    # -- asked by the loop -----------------------------------------------------------------------

    def steps_left(self, step: int) -> int | None:
        """In how many steps a checkpoint is due; None: whenever."""
        return None if self.every is None else self.every - step % self.every

    def due(self, step: int, epoch_ends: bool) -> bool:
        """Whether a checkpoint is due after so many steps."""
        if self.every is not None and step % self.every == 0:
            return True
        passed = time.monotonic() - self._last
        if epoch_ends:
            return self.seconds is None or not self._written or passed >= AT_MOST
        return self.seconds is not None and passed >= self.seconds

    def write(self, position: Position) -> None:
        """Write a checkpoint, in place of the older one. Raises if a weight is not finite."""
        for path, leaf in items({"weights": position.state.params, **position.state.slots}):
            if not np.isfinite(leaf).all():
                raise DivergenceError(
                    f"{path} holds NaN or infinity.",
                    where=f"epoch {position.epoch + 1}, after step {position.step}",
                    kind="weight",
                    array=path,
                    kept="The last checkpoint is kept."
                    if any(map(Path.exists, self.files))
                    else "",
                )
        older = self.files[(self.files.index(self._newest) + 1) % len(self.files)]
        write_checkpoint(older, position, self._training)
        self._newest, self._last, self._written = older, time.monotonic(), True


def backed_up(
    callbacks: Sequence[Callback],
    engine: Engine,
    objective: Objective,
    optimizer: Optimizer,
    plan: Plan,
    *examples: Examples | None,
) -> tuple[BackupAndRestore | None, Position | None]:
    """The callback among these that writes checkpoints, and where to go on."""
    found = [callback for callback in callbacks if isinstance(callback, BackupAndRestore)]
    if len(found) > 1:
        raise GlassnetError(
            f"there are {len(found)}, and training can go on from one only.",
            where="BackupAndRestore",
            fix="Give one; with double_checkpoint=True it keeps two checkpoints.",
        )
    if not found:
        return None, None
    training = _training(callbacks, engine.name, objective, optimizer, plan, examples)
    return found[0], found[0].begin(training, engine.state(), callbacks, plan)


def _training(
    callbacks: Sequence[Callback],
    engine: str,
    objective: Objective,
    optimizer: Optimizer,
    plan: Plan,
    examples: Sequence[Examples | None],
) -> dict[str, Any]:
    """What a training is, as JSON values: all that decides what comes of it, but for how many
    epochs it has and what its callbacks are given, which may change when it goes on.
    """
    apart = (BackupAndRestore, Progress)
    return {
        "engine": engine,
        "network": describe(objective.network),
        "loss": [describe(criterion.loss) for criterion in objective.criterion.parts],
        "metrics": [
            [*criterion.metrics, *criterion.per_dataset] for criterion in objective.criterion.parts
        ],
        "loss_weights": dict(objective.criterion.shares)
        if isinstance(objective.criterion, Criteria)
        else {},
        "augment": describe(objective.augment),
        "optimizer": describe(optimizer),
        "callbacks": [type(one).__name__ for one in callbacks if not isinstance(one, apart)],
        **{name: value for name, value in vars(plan).items() if name != "epochs"},
        "data": _checksum(examples),
    }


def _checksum(examples: Sequence[Examples | None]) -> str:
    digest = hashlib.sha256()
    for one in examples:
        for array in _arrays((one.x, one.targets, one.weights)) if one else ():
            if array is not None:
                digest.update(f"{array.dtype} {array.shape}".encode())
                digest.update(np.ascontiguousarray(array).data)
        digest.update(b"|")
    return digest.hexdigest()


def _arrays(data: Any) -> list[Any]:
    """The arrays in a tuple, and in the tuples in it."""
    if not isinstance(data, tuple):
        return [data]
    return [array for part in data for array in _arrays(part)]


def _require_same(found: Mapping[str, Any], wanted: Mapping[str, Any], where: str) -> None:
    """Raise if the checkpoint is of another training than this one."""
    for name in (*wanted, *found):
        if name == "data" and found.get(name) != wanted.get(name):
            raise GlassnetError(
                "is of a training on other data.",
                where=where,
                fix="Bring the data back as they were, or train anew in another folder.",
            )
        if found.get(name) != wanted.get(name):
            raise GlassnetError(
                f"is of a training with {name} {found.get(name)!r:.200}; this one has "
                f"{wanted.get(name)!r:.200}.",
                where=where,
                fix="Train as before, or anew in another folder.",
            )
