"""What is computed of each of many files, such as decoded pictures: computed once, then cached.

An array has a row for each file. It is in a file of the user's cache folder whose name is a hash of
how the files are read, and one of their paths, times and sizes, which are also at its end: another
list with some of the files takes their rows from there. Large arrays are mapped into memory.
"""

import hashlib
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

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
_NAME, _KEY = 32, 16  # digits of a hash in a name; bytes of a file's key

_Place = tuple[np.ndarray, int]  # an array, and the number of its row


class BrokenFilesError(GlassnetError):
    """Some files can't be read; `errors` has the reason for each, by its path."""

    def __init__(self, errors: Mapping[str, GlassnetError]) -> None:
        first, *others = errors.values()
        what, self.errors = first.what, errors
        if others:
            names = first_of([str(error.where) for error in others])
            what += f" {len(others)} other files can't be read, either: {names}."
        super().__init__(what, where=first.where, fix=first.fix)


def rows_of_files(
    how: str, paths: Sequence[str], shape: tuple[int, ...], dtype: str,
    read: Callable[[str], np.ndarray], tell: bool = False,
) -> np.ndarray:  # fmt: skip
    """Return read(path) of each file, (N, *shape).

    `how` names what `read` does, with all that it depends on; `tell` logs that many are read.
    Raises BrokenFilesError if some can't be read, naming the first ones.
    """
    whole = len(paths), *shape
    if len(paths) < _FEW:
        parts = list(_read(paths, read))
        return np.stack(parts).astype(dtype) if parts else np.zeros(whole, dtype)
    folder = arrays_folder()
    if folder is None:
        return without_a_name(_read(paths, read), whole, np.dtype(dtype))
    keys = _keys(paths)
    name, files = hashlib.sha256(f"2 {how} {shape} {dtype}".encode()), hashlib.sha256(keys.data)
    file = folder / f"{name.hexdigest()[:_NAME]}-{files.hexdigest()[:_NAME]}.npy"
    array = _cached(file, whole, dtype)
    if array is None:
        known = _known(folder, name.hexdigest()[:_NAME], keys)
        if tell and len(paths) - len(known) >= _MANY:
            log.info(f"reading {len(paths):,} files, which from then on come from {folder}")
        with whole_file(file) as opened:
            header = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": whole}
            npy.write_array_header_1_0(opened, header)
            for row in _read(paths, read, known):
                opened.write(np.ascontiguousarray(row, dtype).data)
            opened.write(keys.data)
        _remove_old(folder, file)
        array = _cached(file, whole, dtype)
    if array is None:  # another program has removed it
        array = without_a_name(_read(paths, read), whole, np.dtype(dtype))
    return array


def digests(paths: Sequence[str]) -> np.ndarray:
    """Return the SHA-256 of each file's content.   (N, 32) uint8"""
    return rows_of_files("sha256", paths, (32,), "uint8", _digest, tell=True)


def _digest(path: str) -> np.ndarray:
    digest = hashlib.sha256()
    with open_file(path, "Check the path.") as (file, _):
        while block := file.read(_BLOCK):
            digest.update(block)
    return np.frombuffer(digest.digest(), np.uint8)


def _keys(paths: Sequence[str]) -> np.ndarray:
    """Return what identifies each file, with its content.   (N, 16) uint8"""
    names = (f"{os.path.abspath(path)}\0{state_of(path)}" for path in paths)
    hashes = (hashlib.sha256(os.fsencode(name)).digest()[:_KEY] for name in names)
    return np.frombuffer(b"".join(hashes), np.uint8).reshape(len(paths), _KEY)


def _known(folder: Path, name: str, keys: np.ndarray) -> dict[int, _Place]:
    """Return where other arrays of the cache, read in the same way, have the row of each file."""
    names = _names(keys)
    missing, known = {*names}, dict[bytes, _Place]()
    for file in sorted(folder.glob(f"{name}-*.npy")):
        if not missing:
            break
        with suppress(OSError, ValueError, EOFError):
            array = npy.open_memmap(file, mode="r")
            others = _names(_keys_in(file, array))
            if missing.isdisjoint(others):
                continue
            places = {key: row for row, key in enumerate(others) if key in missing}
            known |= {key: (array, row) for key, row in places.items()}
            missing -= places.keys()
    return {row: known[key] for row, key in enumerate(names) if key in known}


def _names(keys: np.ndarray) -> list[bytes]:
    names: list[bytes] = keys.view(f"V{_KEY}")[:, 0].tolist()
    return names


def _keys_in(file: Path, array: np.memmap) -> np.ndarray:
    """Return the keys at the end of a file; raises ValueError unless it is whole."""
    keys = np.fromfile(file, np.uint8, offset=array.offset + array.nbytes)
    return keys.reshape(len(array), _KEY)


def _read(
    paths: Sequence[str],
    read: Callable[[str], np.ndarray],
    known: Mapping[int, _Place] = MappingProxyType({}),
) -> Iterator[np.ndarray]:
    """Yield what is read from each file, in order, or known of it; raise BrokenFilesError after
    the last if some can't be read.
    """
    errors: dict[str, GlassnetError] = {}

    def row(number: int) -> np.ndarray | GlassnetError:
        try:
            if number not in known:
                return read(paths[number])
            array, place = known[number]
            return np.asarray(array[place])
        except GlassnetError as error:
            return error

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for start in range(0, len(paths), _CHUNK):
            numbers = range(start, min(start + _CHUNK, len(paths)))
            for number, result in zip(numbers, threads.map(row, numbers), strict=True):
                if isinstance(result, GlassnetError):
                    errors[paths[number]] = result
                elif not errors:
                    yield result
    if errors:
        raise BrokenFilesError(errors)


def _cached(file: Path, shape: tuple[int, ...], dtype: str) -> np.ndarray | None:
    """Return the array in a file of the cache; None unless it is there, whole and of this form."""
    try:
        array = npy.open_memmap(file, mode="r")
        os.utime(file)  # it is in use
        _keys_in(file, array)
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
