"""`LambdaCallback`: a callback made of functions."""

from collections.abc import Callable
from typing import Any

from glassnet.training.callbacks.base import Callback, Record


class LambdaCallback(Callback):
    """Call these functions, with Keras's arguments: `(epoch, logs)`, `(batch, logs)` or `(logs)`.

    As in Keras with `steps_per_execution`, the functions for batches are called at the start and
    the end of a segment of steps, a few times per second. Their return values are ignored.
    """

    def __init__(
        self,
        on_epoch_begin: Callable[[int, dict[str, float]], Any] | None = None,
        on_epoch_end: Callable[[int, dict[str, float]], Any] | None = None,
        on_train_begin: Callable[[dict[str, float]], Any] | None = None,
        on_train_end: Callable[[dict[str, float]], Any] | None = None,
        on_train_batch_begin: Callable[[int, dict[str, float]], Any] | None = None,
        on_train_batch_end: Callable[[int, dict[str, float]], Any] | None = None,
    ) -> None:
        self._epoch_begin, self._epoch_end = on_epoch_begin, on_epoch_end
        self._train_begin, self._train_end = on_train_begin, on_train_end
        self._batch_begin, self._batch_end = on_train_batch_begin, on_train_batch_end

    def on_train_begin(self, record: Record) -> None:
        _call(self._train_begin, {})

    def on_epoch_begin(self, record: Record) -> None:
        _call(self._epoch_begin, record.epoch, {})
        _call(self._batch_begin, 0, {})

    def on_segment_end(self, record: Record) -> None:
        _call(self._batch_end, record.step - 1, dict(record.logs))
        if record.step < record.steps:
            _call(self._batch_begin, record.step, {})

    def on_epoch_end(self, record: Record) -> None:
        _call(self._epoch_end, record.epoch, dict(record.logs))

    def on_train_end(self, record: Record) -> None:
        _call(self._train_end, dict(record.logs))


def _call(function: Callable[..., Any] | None, *arguments: Any) -> None:
    if function is not None:
        function(*arguments)
