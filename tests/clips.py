"""Audio clips for tests, written by soundfile."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet.core.arrays import Array

soundfile = pytest.importorskip("soundfile", reason="soundfile reads audio: glassnet[audio]")


def tone(hz: float, rate: int = 8000, seconds: float = 0.5, level: float = 0.5) -> Array:
    """A sine, float32 (samples,)."""
    times = np.arange(round(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * hz * times)).astype(np.float32)


def write(path: Path, signal: Array, rate: int = 8000, **options: Any) -> str:
    """Write a signal, (samples,) or (samples, channels), by the end of the name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, signal, rate, **options)
    return str(path)
