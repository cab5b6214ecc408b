"""Arrays in files that are mapped into memory: read page by page, never as a whole.

The operating system takes the pages back when memory is short.
"""

import mmap
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.core.files import writing

LARGE = 2**26  # bytes, from which rows of a mapped array are mapped, too
_BLOCK = 2**24  # bytes that are copied at a time


def is_mapped(array: Any) -> bool:
    """True for a large array in a file, and for views of it."""
    base = array
    while isinstance(base, np.ndarray):
        base = base.base
    return isinstance(base, mmap.mmap) and bool(array.nbytes >= LARGE)


def cache_folder() -> Path:
    """Return the folder of the user's cache."""
    from platformdirs import user_cache_path

    return Path(user_cache_path("glassnet"))


def arrays_folder() -> Path | None:
    """Return the folder for arrays in the user's cache; None if it can't be written."""
    folder = cache_folder() / "arrays"
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    return folder if os.access(folder, os.W_OK) else None


def without_a_name(
    rows: Iterable[np.ndarray], shape: tuple[int, ...], dtype: np.dtype[Any]
) -> np.ndarray:
    """Return the rows, one or many in each array, in a file that is gone when the array is.

    Raises GlassnetError if the disk is full.
    """
    folder = arrays_folder() or Path(tempfile.gettempdir())
    with writing(folder, "Free some space."), tempfile.TemporaryFile(dir=folder) as file:
        for part in rows:
            file.write(np.ascontiguousarray(part, dtype).data)
        file.flush()
        return np.memmap(file, dtype, "r", shape=shape)


def rows_of(array: np.ndarray, rows: Any) -> np.ndarray:
    """Return array[rows]: of a mapped array a view if they follow one another, and if they are many
    another mapped array. Raises GlassnetError if the disk is full.
    """
    numbers = np.arange(len(array))[rows] if is_mapped(array) else None
    if numbers is None or not np.ndim(numbers):  # one row is an array of one dimension less
        return array[rows]
    if len(numbers) and (np.diff(numbers) == 1).all():
        return array[numbers[0] : numbers[-1] + 1]
    each = array[0].nbytes
    if len(numbers) * each < LARGE:
        return np.array(array[numbers])
    step = max(1, _BLOCK // each)
    blocks = (array[numbers[start : start + step]] for start in range(0, len(numbers), step))
    chosen = without_a_name(blocks, (len(numbers), *array.shape[1:]), array.dtype)
    _give_pages_back(array)
    return chosen


def _give_pages_back(array: Any) -> None:
    """Let the operating system take the memory of a mapped array, which it reads again if needed.

    Only of one that can't be written to: what was written to another would be lost.
    """
    base, mode = array, None
    while isinstance(base, np.ndarray):
        mode, base = getattr(base, "mode", mode), base.base
    if isinstance(base, mmap.mmap) and mode == "r" and hasattr(base, "madvise"):
        base.madvise(mmap.MADV_DONTNEED)
