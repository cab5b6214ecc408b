"""What a person sees while training: one live line on a terminal, plain lines elsewhere."""

import shutil
import sys
import time
from typing import TextIO

from glassnet.training.callbacks import Callback, Record


class Progress(Callback):
    """Writes a row after each epoch, and on a terminal a line in between that renews itself."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.live = self.stream.isatty()
        self._drawn = 0.0
        self._width = 0
        self._began, self._first = time.perf_counter(), 0

    def on_train_begin(self, record: Record) -> None:
        self._began, self._first = time.perf_counter(), record.epoch

    def on_segment_end(self, record: Record) -> None:
        now = time.perf_counter()
        if not self.live or now - self._drawn < 0.1:  # at most 10 redraws a second
            return
        self._drawn = now
        done = record.epoch + record.step / record.steps
        pace = (now - self._began) / (done - self._first)
        left = pace * (record.epochs - done)
        bar = "━" * round(20 * done / record.epochs)
        speed = record.step / max(record.seconds, 1e-9)
        self._show(
            f"{bar:─<20} epoch {record.epoch + 1}/{record.epochs}  {numbers(record)}  "
            f"{speed:,.0f} steps/s  about {left:.0f} s left"
        )

    def on_epoch_end(self, record: Record) -> None:
        self._show("")
        digits = len(str(record.epochs))
        self.stream.write(
            f"epoch {record.epoch + 1:{digits}}/{record.epochs}  {numbers(record)}  "
            f"{record.seconds:.1f} s\n"
        )
        self.stream.flush()

    def _show(self, line: str) -> None:
        if self.live:
            line = line[: shutil.get_terminal_size().columns - 1]  # a wrapped line stays behind
            self.stream.write("\r" + line.ljust(self._width) + ("" if line else "\r"))
            self.stream.flush()
            self._width = len(line)


def numbers(record: Record) -> str:
    """The record's logs in one line."""
    return "  ".join(f"{name} {value:.4f}" for name, value in record.logs.items())
