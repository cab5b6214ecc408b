"""`EarlyStopping`: stops training when a metric no longer improves."""

import math
from collections.abc import Mapping
from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.training.callbacks.base import Record, Request, restored_value, say
from glassnet.training.callbacks.monitor_callback import MonitorCallback


class EarlyStopping(MonitorCallback):
    """Stop when a metric has not improved for `patience` epochs. Arguments as in Keras.

    With `restore_best_weights`, training ends with the weights of the best epoch; as in Keras, also
    if all epochs were run.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        if patience < 0:
            raise GlassnetError(f"patience must be ≥ 0, got {patience}.", where="EarlyStopping")
        self.verbose, self.patience = verbose, patience
        self.baseline, self.start_from_epoch = baseline, start_from_epoch
        self.restore_best_weights = restore_best_weights
        self._begin()

    def _begin(self) -> None:
        self.best, self.best_epoch, self.stopped_epoch, self._wait = math.inf * self._sign, 0, 0, 0

    def on_train_begin(self, record: Record) -> None:
        self._begin()

    def on_epoch_end(self, record: Record) -> Request | None:
        current = self.monitored(record.logs)
        if record.epoch < self.start_from_epoch:
            return None
        self._wait += 1
        if self.improved(current, self.best):
            self.best, self.best_epoch = current, record.epoch
            if self.baseline is None or self.improved(current, self.baseline):
                self._wait = 0
            return Request(keep=self.restore_best_weights)
        stop = self._wait >= self.patience and record.epoch > 0
        if stop:
            self.stopped_epoch = record.epoch
            if self.verbose:
                say(f"epoch {record.epoch + 1}: early stopping")
        return Request(stop=stop)

    def get_state(self) -> dict[str, Any]:
        return {
            "best": repr(self.best),  # JSON has no infinity
            "best_epoch": self.best_epoch,
            "stopped_epoch": self.stopped_epoch,
            "wait": self._wait,
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        self.best = float(restored_value(state, "best", str))
        self.best_epoch = restored_value(state, "best_epoch", int)
        self.stopped_epoch = restored_value(state, "stopped_epoch", int)
        self._wait = restored_value(state, "wait", int)

    def on_train_end(self, record: Record) -> Request | None:
        return Request(restore=self.restore_best_weights)
