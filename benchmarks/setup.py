"""The task that every system trains, and its data."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROWS = 54_000  # of the 60,000 training images; the last 6,000 show whether all learn the same


@dataclass(frozen=True)
class Setup:
    """784-hidden-10, relu, softmax and cross-entropy, Adam, float32."""

    folder: str  # with the data, as .npy files
    batch_size: int
    steps: int  # in one epoch
    epochs: int = 1  # in one repeat
    hidden: int = 128
    learning_rate: float = 1e-3
    threads: int = 2
    seed: int = 0


@dataclass(frozen=True)
class Data:
    """Images (N, 28, 28) and labels as bytes, as read from the file."""

    x: np.ndarray[Any, np.dtype[np.uint8]]
    y: np.ndarray[Any, np.dtype[np.uint8]]

    def floats(self) -> Any:
        """Return the images as (N, 784) floats from 0 to 1, for all systems but glassnet."""
        rows = self.x.reshape(len(self.x), -1)
        return np.multiply(rows, np.float32(1 / 255), dtype=np.float32)


@contextmanager
def data_folder(rows: int = ROWS) -> Iterator[str]:
    """A context with a temporary folder from which each worker reads the data."""
    from glassnet.data import load

    data = load("fashion-mnist")
    with tempfile.TemporaryDirectory(prefix="glassnet-benchmark-") as folder:
        for split, part in (("train", slice(rows)), ("validation", slice(ROWS, None))):
            np.save(Path(folder, f"{split}_x.npy"), data.x_train[part].reshape(-1, 28, 28))
            np.save(Path(folder, f"{split}_y.npy"), data.y_train[part])
        yield folder


def read(setup: Setup, split: str) -> Data:
    """Return the training rows that the steps use, or all validation rows."""
    x, y = (np.load(Path(setup.folder, f"{split}_{name}.npy"), mmap_mode="r") for name in "xy")
    rows = setup.steps * setup.batch_size if split == "train" else len(x)
    return Data(np.array(x[:rows]), np.array(y[:rows]))
