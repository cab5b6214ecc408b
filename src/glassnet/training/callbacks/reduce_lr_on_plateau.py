"""`ReduceLROnPlateau`: lowers the learning rate when a metric no longer improves."""

from typing import ClassVar

from glassnet.core.errors import GlassnetError
from glassnet.core.terminal import say
from glassnet.training.callbacks.base import Record, Request
from glassnet.training.callbacks.monitor_callback import MonitorCallback


class ReduceLROnPlateau(MonitorCallback):
    """Multiply the rate by `factor` after `patience` epochs without improvement, as in Keras.

    After that, it waits `cooldown` epochs before it counts again. The rate never falls below
    `min_lr`. The `learning_rate` of each epoch is added to the history. Raises if the optimizer
    has a schedule.
    """

    counters: ClassVar = {"wait": "wait", "cooldown": "cooldown_counter"}
    wait: int
    cooldown_counter: int

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        if not 0 < factor < 1:
            raise GlassnetError(
                f"factor must be between 0 and 1, got {factor}.", where="ReduceLROnPlateau"
            )
        self.factor, self.patience, self.verbose = factor, patience, verbose
        self.cooldown, self.min_lr = cooldown, min_lr

    def on_train_begin(self, record: Record) -> Request:
        self.reset()
        return Request(learning_rate=record.learning_rate)  # with a schedule, this raises now

    def on_epoch_end(self, record: Record) -> Request:
        rate = record.learning_rate
        logs = {"learning_rate": rate}
        current = self.monitored(record)
        if current is None:
            return Request(logs=logs)
        if self.cooldown_counter:
            self.cooldown_counter -= 1
            self.wait = 0
        if self.improved(current, self.best):
            self.best, self.wait = current, 0
        elif not self.cooldown_counter:
            self.wait += 1
            if self.wait >= self.patience and rate > self.min_lr:
                lower = max(rate * self.factor, self.min_lr)
                self.cooldown_counter, self.wait = self.cooldown, 0
                if self.verbose:
                    say(f"epoch {record.epoch + 1}: learning rate reduced to {lower:g}")
                return Request(learning_rate=lower, logs=logs)
        return Request(logs=logs)
