"""`TensorBoard`: writes losses, metrics and weight histograms for TensorBoard."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.core.files import checked_path, writing
from glassnet.core.trees import items
from glassnet.training.callbacks.base import Callback, Record


class TensorBoard(Callback):
    """Write logs for `tensorboard --logdir`, with Keras's names in the same two folders.

    They are `epoch_loss`, the metrics and `epoch_learning_rate` after each epoch, and a histogram
    of each weight every `histogram_freq` epochs. With `update_freq` "batch" or a number of steps,
    also `batch_loss` and the metrics, as means over the epoch so far, after the first segment that
    ends this many steps after the last ones. Needs tensorboardX to write, TensorBoard to view.
    """

    def __init__(
        self,
        log_dir: str | Path = "logs",
        histogram_freq: int = 0,
        *,
        write_steps_per_second: bool = False,
        update_freq: str | int = "epoch",
    ) -> None:
        require_writer()
        frequencies: dict[Any, Any] = {"epoch": 0, "batch": 1}
        every = frequencies.get(update_freq, update_freq)
        if not isinstance(every, int) or every < 0:
            raise GlassnetError(
                f'update_freq must be "epoch", "batch" or a number of steps, got {update_freq!r}.',
                where="TensorBoard",
            )
        self.log_dir = checked_path(log_dir, "TensorBoard: log_dir")
        self.histogram_freq, self._every = histogram_freq, every
        self.write_steps_per_second = write_steps_per_second
        self._writers: dict[str, Any] = {}

    def on_train_begin(self, record: Record) -> None:
        self._first_epoch, self._last = record.epoch, record.epoch * record.steps + record.step
        self._writer("train")  # if the folder can't be written, stop before training

    def on_segment_end(self, record: Record) -> None:
        step = record.epoch * record.steps + record.step
        if self._every and step - self._last >= self._every:
            self._last = step
            for name, value in record.logs.items():
                self._writer("train").add_scalar(f"batch_{name}", value, step)

    def on_epoch_end(self, record: Record) -> None:
        numbers = {**record.logs, "learning_rate": record.learning_rate}
        if self.write_steps_per_second:
            numbers["steps_per_second"] = record.step / max(record.seconds, 1e-9)
        for name, value in numbers.items():
            writer = self._writer("validation" if name.startswith("val_") else "train")
            writer.add_scalar(f"epoch_{name.removeprefix('val_')}", value, record.epoch)
        if self.histogram_freq and record.epoch % self.histogram_freq == 0:
            for path, weight in items(record.model().params):
                self._writer("train").add_histogram(f"{path}/histogram", weight, record.epoch)
        for writer in self._writers.values():
            writer.flush()

    def on_train_end(self, record: Record) -> None:
        for writer in self._writers.values():
            writer.close()
        self._writers = {}

    def _writer(self, folder: str) -> Any:
        from tensorboardX import SummaryWriter

        if folder not in self._writers:
            path = self.log_dir / folder
            # Hide epochs that were written before an interruption and are repeated now.
            purge = self._first_epoch if self._first_epoch and not self._every else None
            with writing(path, "Choose another folder."):
                self._writers[folder] = SummaryWriter(str(path), purge_step=purge)
        return self._writers[folder]


def require_writer() -> None:
    """Raise if tensorboardX is not installed."""
    if find_spec("tensorboardX") is None:
        raise GlassnetError(
            "tensorboardX is not installed.",
            where="TensorBoard",
            fix="Run: pip install 'glassnet[tensorboard]'",
        )
