"""Files from strangers are opened without waiting, and only if they are files."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from glassnet.errors import GlassnetError


@contextmanager
def open_file(path: str | Path, fix: str) -> Iterator[tuple[BinaryIO, int]]:
    """The file and its bytes' number; GlassnetError with this `fix` if it can't be read."""
    try:
        with open(path, "rb", opener=_at_once) as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise GlassnetError("is not a file.", where=str(path), fix=fix)
            yield file, found.st_size
    except OSError as error:
        raise GlassnetError(
            f"can't be read: {error.strerror or error}.", where=str(path), fix=fix
        ) from error


def read_file(path: str | Path, most: int, fix: str) -> bytes:
    """What is in it, if that is at most so many bytes."""
    with open_file(path, fix) as (file, size):
        if size > most:
            raise GlassnetError(
                f"has {size:,} bytes, more than {most:,}.", where=str(path), fix=fix
            )
        return file.read(most)


def _at_once(path: str, flags: int) -> int:
    """Open without waiting: a pipe would wait for ever for its writer."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
