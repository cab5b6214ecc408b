"""`CSVLogger`: writes loss and metrics of each epoch to a CSV file."""

import csv
import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.core.files import checked_path, writing
from glassnet.training.callbacks.base import Callback, Record, restored_value

_STOPPED = "Training was stopped."


class CSVLogger(Callback):
    """Write one row per epoch: the same file as Keras's, byte for byte.

    An existing file is replaced, unless `append` is True; a resumed training continues its own file
    after the last epoch in its checkpoint. A run has the same numbers in its `history.jsonl`.
    """

    def __init__(self, filename: str | Path, separator: str = ",", append: bool = False) -> None:
        if len(separator) != 1:
            raise GlassnetError(
                f"the separator must be one character, got {separator!r}.", where="CSVLogger"
            )
        self.filename = checked_path(filename, "CSVLogger: filename")
        self.separator, self.append = separator, append
        self._names: list[str] | None = None
        self._size_before: int | None = None  # bytes of the file to keep; None: all

    def on_train_begin(self, record: Record) -> None:
        self._names, self._size_before = None, None if self.append else 0
        self._write("")  # if the file can't be written, stop before training

    def on_epoch_end(self, record: Record) -> None:
        text = io.StringIO()
        header = self._names is None
        if self._names is None:
            names = sorted(record.logs)
            if not any(name.startswith("val_") for name in names):
                names += [f"val_{name}" for name in names]  # as in Keras, with the value "NA"
            self._names = names
        columns = ["epoch", *self._names]
        table = csv.DictWriter(text, columns, "NA", "ignore", delimiter=self.separator)
        if header and not (self._size_before is None and self._size()):
            table.writeheader()
        table.writerow({**record.logs, "epoch": record.epoch})
        if self._size_before is not None:
            self._truncate()
        self._write(text.getvalue())

    def get_state(self) -> dict[str, Any]:
        size = self._size() if self._size_before is None else self._size_before
        return {"names": self._names, "size": size}

    def set_state(self, state: Mapping[str, Any]) -> None:
        names = restored_value(state, "names", list, type(None))
        if not all(type(name) is str for name in names or ()):
            raise TypeError(f"'names' is {names!r:.80}")
        self._names, self._size_before = names, restored_value(state, "size", int)

    def _size(self) -> int:
        try:
            return self.filename.stat().st_size
        except OSError as error:
            raise GlassnetError(
                f"can't be read: {error.strerror or error}.",
                where=str(self.filename),
                fix="It was removed during training, so training was stopped.",
            ) from error

    def _truncate(self) -> None:
        with writing(self.filename, _STOPPED), open(self.filename, "r+b") as file:
            if os.fstat(file.fileno()).st_size < (self._size_before or 0):
                raise GlassnetError(
                    "is shorter than when training was interrupted.",
                    where=str(self.filename),
                    fix="Restore the original file, or train again from the beginning.",
                )
            file.truncate(self._size_before)
        self._size_before = None

    def _write(self, text: str) -> None:
        with (
            writing(self.filename, _STOPPED),
            open(self.filename, "a", encoding="utf-8", newline="") as file,
        ):
            file.write(text)
