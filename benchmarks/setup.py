"""What every system is asked to train, and the data that it gets."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROWS = 54_000  # of the 60,000 training images; the last 6,000 judge whether all learn the same


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
    """Images (N, 28, 28) and labels as bytes: what comes out of the file."""

    x: np.ndarray[Any, np.dtype[np.uint8]]
    y: np.ndarray[Any, np.dtype[np.uint8]]

    def floats(self) -> Any:
        """The images as (N, 784) floats from 0 to 1, which all systems but glassnet want."""
        rows = self.x.reshape(len(self.x), -1)
        return np.multiply(rows, np.float32(1 / 255), dtype=np.float32)


@contextmanager
def data_folder(rows: int = ROWS) -> Iterator[str]:
    """A folder, for as long as it is needed, with the data where each worker reads its own."""
    from glassnet.data import load

    data = load("fashion-mnist")
    with tempfile.TemporaryDirectory(prefix="glassnet-benchmark-") as folder:
        for part, chosen in (("train", slice(rows)), ("validation", slice(ROWS, None))):
            np.save(Path(folder, f"{part}_x.npy"), data.x_train[chosen].reshape(-1, 28, 28))
            np.save(Path(folder, f"{part}_y.npy"), data.y_train[chosen])
        yield folder


def read(setup: Setup, part: str) -> Data:
    """The training part, as many rows as the steps take, or the validation part."""
    x, y = (np.load(Path(setup.folder, f"{part}_{name}.npy"), mmap_mode="r") for name in "xy")
    rows = setup.steps * setup.batch_size if part == "train" else len(x)
    return Data(np.array(x[:rows]), np.array(y[:rows]))
