"""What is computed of each of many files, such as decoded pictures: computed once, then cached.

An array has a row for each file. It is in a file of the user's cache folder whose name is a hash of
the files' paths, times and sizes and of how they are read; large ones are mapped into memory. What
was computed of all files is not computed again of a part of them, such as the training split.
"""

import hashlib
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from glassnet.core.errors import GlassnetError
from glassnet.core.files import open_file, state_of, whole_file
from glassnet.core.mapped import LARGE, arrays_folder, without_a_name
from glassnet.core.plurals import first_of

log = logging.getLogger(__name__)

LIMIT = 10 * 2**30  # bytes of all arrays in the cache
_FEW = 64  # files that are read whenever they are needed
_MANY = 5000  # files whose reading takes long enough for a message
_CHUNK = 512  # files that are read before their rows are written
_OLD = 24 * 3600  # seconds, after which another process has given up writing a file
_BLOCK = 2**20  # bytes
_REMEMBERED = 4  # ways to read files, of each of which the array of the most files is remembered

_arrays: dict[str, tuple[dict[str, int], np.ndarray]] = {}  # how -> (rows of the states), rows


def rows_of_files(
    how: str, paths: Sequence[str], shape: tuple[int, ...], dtype: str,
    read: Callable[[str], np.ndarray], tell: bool = False,
) -> np.ndarray:  # fmt: skip
    """Return read(path) of each file, (N, *shape).

    `how` names what `read` does, with all that it depends on; `tell` logs that many are read.
    Raises GlassnetError if some files can't be read, naming the first ones.
    """
    whole = len(paths), *shape
    if len(paths) < _FEW:
        parts = list(_read(paths, read))
        return np.stack(parts).astype(dtype) if parts else np.zeros(whole, dtype)
    folder = arrays_folder()
    if folder is None:
        return without_a_name(_read(paths, read), whole, np.dtype(dtype))
    form = f"{how} {shape} {dtype}"
    states = [f"{os.path.abspath(path)}\0{state_of(path)}" for path in paths]
    file = folder / f"{_key(form, states)}.npy"
    array = _cached(file, whole, dtype)
    if array is None:
        rows = _remembered(form, states)
        if tell and rows is None and len(paths) >= _MANY:
            log.info(f"reading {len(paths):,} files, which from then on come from {folder}")
        with whole_file(file) as opened:
            header = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": whole}
            npy.write_array_header_1_0(opened, header)
            for row in _read(paths, read) if rows is None else rows:
                opened.write(np.ascontiguousarray(row, dtype).data)
        _remove_old(folder, file)
        array = _cached(file, whole, dtype)
        assert array is not None
    _remember(form, states, array)
    return array


def _remember(form: str, states: Sequence[str], array: np.ndarray) -> None:
    if form in _arrays and len(_arrays[form][0]) > len(states):
        return
    _arrays.pop(form, None)
    _arrays[form] = {state: row for row, state in enumerate(states)}, array
    if len(_arrays) > _REMEMBERED:
        del _arrays[next(iter(_arrays))]


def _remembered(form: str, states: Sequence[str]) -> Iterator[np.ndarray] | None:
    """Return the rows of these files, if they are a part of those that are remembered."""
    rows, array = _arrays.get(form, ({}, None))
    if array is None or len(states) >= len(rows) or not all(state in rows for state in states):
        return None
    return (array[rows[state]] for state in states)


def digests(paths: Sequence[str]) -> np.ndarray:
    """Return the SHA-256 of each file's content.   (N, 32) uint8"""
    return rows_of_files("sha256", paths, (32,), "uint8", _digest, tell=True)


def _digest(path: str) -> np.ndarray:
    digest = hashlib.sha256()
    with open_file(path, "Check the path.") as (file, _):
        while block := file.read(_BLOCK):
            digest.update(block)
    return np.frombuffer(digest.digest(), np.uint8)


def _key(form: str, states: Sequence[str]) -> str:
    digest = hashlib.sha256(f"1 {form}\n".encode())
    for state in states:
        digest.update(f"{state}\n".encode())
    return digest.hexdigest()


def _read(paths: Sequence[str], read: Callable[[str], np.ndarray]) -> Iterator[np.ndarray]:
    """Yield what is read from each file, in order; raise after the last if some can't be read."""
    errors: list[GlassnetError] = []

    def row(path: str) -> np.ndarray | GlassnetError:
        try:
            return read(path)
        except GlassnetError as error:
            return error

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for start in range(0, len(paths), _CHUNK):
            for result in threads.map(row, paths[start : start + _CHUNK]):
                if isinstance(result, GlassnetError):
                    errors.append(result)
                elif not errors:
                    yield result
    if errors:
        first = errors[0]
        names = first_of([str(error.where) for error in errors[1:]])
        what = f"{first.what} {len(errors) - 1} other files can't be read, either: {names}."
        raise first if len(errors) == 1 else GlassnetError(what, where=first.where, fix=first.fix)


def _cached(file: Path, shape: tuple[int, ...], dtype: str) -> np.ndarray | None:
    """Return the array in a file of the cache; None unless it is there, whole and of this form."""
    try:
        array: np.ndarray = npy.open_memmap(file, mode="r")
        os.utime(file)  # it is in use
    except (OSError, ValueError, EOFError):
        return None
    if array.shape != shape or array.dtype != np.dtype(dtype):
        return None
    return array if array.nbytes >= LARGE else np.array(array)


def _remove_old(folder: Path, new: Path) -> None:
    """Remove the arrays that were not used for longest, until all are within the limit."""
    files = []
    for path in folder.glob("*.npy"):
        with suppress(OSError):
            files.append((path.stat().st_mtime, path.stat().st_size, path))
    room = LIMIT
    for _, size, path in sorted(files, reverse=True):
        room -= size
        if room < 0 and path != new:
            with suppress(OSError):
                path.unlink()
    for path in folder.glob(".*.npy.*.part"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _OLD:
                path.unlink()
