"""The real Fashion-MNIST, located or downloaded once, and its four files on disk."""

import struct
from pathlib import Path

import numpy as np
import pytest

from glassnet.data import Dataset


def idx_bytes(array: np.ndarray) -> bytes:
    """A uint8 array as an IDX file."""
    header = struct.pack(f">{1 + array.ndim}I", 0x0800 | array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


@pytest.fixture(scope="session")
def raw_files(fashion: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the four files, unzipped, byte for byte as published."""
    folder = tmp_path_factory.mktemp("raw")
    for split, x, y in (
        ("train", fashion.x_train, fashion.y_train),
        ("t10k", fashion.x_test, fashion.y_test),
    ):
        (folder / f"{split}-images-idx3-ubyte").write_bytes(idx_bytes(x))
        (folder / f"{split}-labels-idx1-ubyte").write_bytes(idx_bytes(y))
    return folder


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Simulate a new user's machine (empty home, no network); return the path of the home."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("GLASSNET_DATA", "KERAS_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GLASSNET_OFFLINE", "1")
    monkeypatch.chdir(home)
    return home
