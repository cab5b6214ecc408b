"""`ModelCheckpoint`: writes the model file during training."""

from pathlib import Path
from typing import ClassVar

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.files import checked_path, writing
from glassnet.core.terminal import say
from glassnet.training.callbacks.base import Record
from glassnet.training.callbacks.monitor_callback import MonitorCallback

SUFFIX = ".safetensors"


class ModelCheckpoint(MonitorCallback):
    """Write the model file after every epoch, or only if it is the best. Arguments as in Keras.

    `filepath` may contain the epoch, counted from 1, and its logs:
    "{epoch:02d}-{val_loss:.3f}.safetensors". Each file is written completely or not at all. It
    holds the network and its weights, for `Model.load`; with `save_weights_only` the weights only,
    for `Model.load_weights`. Neither holds the optimizer state. With `save_freq` N, the file is
    written after the first segment that ends N or more steps after the last file, at most a second
    late; `{batch}` is the step.
    """

    counters: ClassVar = {"seen": "_steps", "last": "_last"}
    _steps: int  # since the last file
    _last: int  # step at the end of the last segment

    def __init__(
        self,
        filepath: str | Path,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__(monitor, mode)
        self.filepath = str(checked_path(filepath, "ModelCheckpoint: filepath"))
        self.verbose = verbose
        of_keras = ".weights.h5" if save_weights_only else ".keras"
        if not self.filepath.endswith((SUFFIX, of_keras)):
            raise GlassnetError(
                f"filepath must end in {SUFFIX} or {of_keras}, got {self.filepath!r}.",
                where="ModelCheckpoint",
            )
        if save_freq != "epoch" and not (isinstance(save_freq, int | np.integer) and save_freq > 0):
            raise GlassnetError(
                f'save_freq must be "epoch" or a number of steps, got {save_freq!r}.',
                where="ModelCheckpoint",
            )
        self.save_best_only, self.save_weights_only = save_best_only, save_weights_only
        self.save_freq = "epoch" if save_freq == "epoch" else int(save_freq)
        if initial_value_threshold is not None:
            self.best = initial_value_threshold

    @property
    def writes_model(self) -> bool:  # type: ignore[override]
        return not self.save_weights_only

    def on_epoch_begin(self, record: Record) -> None:
        self._last = 0

    def on_segment_end(self, record: Record) -> None:
        self._steps, self._last = self._steps + record.step - self._last, record.step
        if isinstance(self.save_freq, int) and self._steps >= self.save_freq:
            self._steps = 0
            self._save(record)

    def on_epoch_end(self, record: Record) -> None:
        if self.save_freq == "epoch":
            self._save(record)

    def _save(self, record: Record) -> None:
        epoch = f"epoch {record.epoch + 1}"
        if self.save_best_only:
            current = self.monitored(record)
            if current is None:
                return
            if not self.improved(current, self.best):
                if self.verbose:
                    say(f"{epoch}: {self.monitor} is not better than {self.best:.5f}")
                return
            self.best = current
        path = self._path(record)
        with writing(path.parent, "Training was stopped."):
            path.parent.mkdir(parents=True, exist_ok=True)
        if self.save_weights_only:
            record.model().save_weights(path)
        else:
            record.model().save(path)
        if self.verbose:
            say(f"{epoch}: model written to {path}")

    def _path(self, record: Record) -> Path:
        names = {"epoch": record.epoch + 1, "batch": record.step, **record.logs}
        try:
            return Path(self.filepath.format(**names))
        except (LookupError, ValueError, AttributeError, TypeError) as error:
            raise GlassnetError(
                f"filepath {self.filepath!r} can't be formatted: {error}.",
                where="ModelCheckpoint",
                fix=f"It may contain {', '.join(names)}.",
            ) from None
