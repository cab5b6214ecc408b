"""`observer`: a callback of Keras that notifies ours during a training."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from glassnet.interop.keras.building.model import to_numpy
from glassnet.model.file import ModelFile
from glassnet.model.model import Model
from glassnet.training.callbacks import Callback, Record
from glassnet.training.callbacks.callback_list import CallbackList
from glassnet.training.learning_rate import Rates
from glassnet.training.loop import SEGMENT_SECONDS
from glassnet.training.signals import Interrupts


def _numbers(logs: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in logs.items()}


def observer(
    callbacks: Sequence[Callback],
    interrupts: Interrupts,
    rates: Rates,
    trained: Model,
    examples: Callable[[int], int],
    snapshot: Callable[[], ModelFile],
    publish: Callable[[], None],
) -> Any:
    """Return a Keras callback that notifies ours, and does in Keras what they request."""
    import keras

    class Observer(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_begin(self, logs: Any = None) -> None:
            self.epoch, self.step, self.began, self.notified = 0, 0, time.perf_counter(), 0.0
            self.before = 0  # steps of the epochs before
            self.seconds: list[float] = []  # of each epoch
            self.requests = CallbackList(
                callbacks, self.model.get_weights, self.set_rate, lambda: trained.stop_training
            )
            self.notify("on_train_begin", {})

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.before += self.step
            self.epoch, self.step, self.began = epoch, 0, time.perf_counter()
            self.read_rate()
            self.notify("on_epoch_begin", {})

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            if self.requests.defines("on_train_batch_begin"):
                self.notify("on_train_batch_begin", {})

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.step = batch + 1
            if self.requests.defines("on_train_batch_end"):
                self.sync()
                publish()
                self.notify("on_train_batch_end", logs)
                self.model.stop_training |= self.requests.stopped
            self.model.stop_training |= interrupts.received
            now = time.perf_counter()
            if now - self.notified > SEGMENT_SECONDS or self.step == self.params["steps"]:
                self.notified = now
                self.notify("on_segment_end", logs)
                self.model.stop_training |= self.requests.stopped

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if not math.isfinite(logs["loss"]):
                return  # no callback may record it; `fit` raises once Keras has stopped
            self.seconds.append(time.perf_counter() - self.began)
            self.sync()
            publish()
            logs |= self.notify("on_epoch_end", logs)
            self.model.stop_training |= self.requests.stopped

        def on_train_end(self, logs: Any = None) -> None:
            self.read_rate()
            self.notify("on_train_end", logs or {})
            if self.requests.restored is not None:
                self.model.set_weights(self.requests.restored)

        def on_test_begin(self, logs: Any = None) -> None:
            self.requests("on_test_begin", Record(0, 1))

        def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
            self.requests.batch("on_test_batch_begin", batch, dict)

        def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
            self.requests.batch("on_test_batch_end", batch + 1, lambda: _numbers(logs))

        def on_test_end(self, logs: Any = None) -> None:
            self.requests("on_test_end", Record(0, 1, logs=_numbers(logs)))

        def sync(self) -> None:
            if keras.backend.backend() == "jax":  # else the variables are one epoch old
                self.model.jax_state_sync()

        def synced_model(self) -> ModelFile:
            self.sync()
            return snapshot()

        def notify(self, point: str, logs: Mapping[str, Any]) -> Mapping[str, float]:
            """Call this method of all callbacks, and return the logs with the values they added."""
            numbers = _numbers(logs)
            seconds = time.perf_counter() - self.began
            epochs, steps = self.params["epochs"], self.params["steps"]
            rate = rates(self.before + max(self.step - 1, 0))
            record = Record(
                self.epoch, epochs, self.step, steps, numbers, seconds, rate, examples(self.step),
                self.synced_model,
            )  # fmt: skip
            before = rates.optimizer.learning_rate
            logs = self.requests(point, record).logs
            if rates.optimizer.learning_rate != before:  # set by `self.model.optimizer`
                self.write_rate()
            return logs

        def read_rate(self) -> None:
            """Take over the rate from Keras, whose callbacks may have changed it."""
            if rates.changed is not None:
                rate = to_numpy(self.model.optimizer.learning_rate)
                if rate != np.float32(rates(0)):
                    rates.set(float(rate), "Keras")

        def set_rate(self, rate: float, who: str) -> None:
            rates.set(rate, who)
            self.write_rate()

        def write_rate(self) -> None:
            self.sync()  # else the change has no effect
            self.model.optimizer.learning_rate = rates(0)

    return Observer()
