"""`EarlyStopping`: stops training when a metric no longer improves."""

from typing import ClassVar

from glassnet.core.errors import GlassnetError
from glassnet.core.terminal import say
from glassnet.training.callbacks.base import Record, Request
from glassnet.training.callbacks.monitor_callback import MonitorCallback


class EarlyStopping(MonitorCallback):
    """Stop when a metric has not improved for `patience` epochs. Arguments as in Keras.

    With `restore_best_weights`, training ends with the weights of the best epoch; as in Keras, also
    if all epochs were run.
    """

    counters: ClassVar = {
        "best_epoch": "best_epoch",
        "stopped_epoch": "stopped_epoch",
        "wait": "_wait",
    }
    best_epoch: int
    stopped_epoch: int
    _wait: int

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

    def on_train_begin(self, record: Record) -> None:
        self.reset()

    def on_epoch_end(self, record: Record) -> Request | None:
        current = self.monitored(record)
        if current is None or record.epoch < self.start_from_epoch:
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

    def on_train_end(self, record: Record) -> Request | None:
        return Request(restore=self.restore_best_weights)
