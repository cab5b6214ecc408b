"""Reading files with a size limit, and writing them atomically: whole or not at all."""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

from glassnet.core.errors import GlassnetError


def checked_path(path: Any, where: str) -> Path:
    """Return the path; raises for None and "", which would be the current folder."""
    if not isinstance(path, str | os.PathLike) or not str(path).strip():
        raise GlassnetError(f"needs a path, got {path!r:.80}.", where=where)
    return Path(path)


def require_name(name: str) -> None:
    """Raise unless this is a name for a folder of a run or a study."""
    if name in (".", "..") or not re.fullmatch(r"[\w.-]+", name):
        raise GlassnetError(
            f"{name!r} is not a valid folder name.",
            where="--name",
            fix="Use letters, digits, '_', '-' and '.'.",
        )


def state_of(path: str | Path) -> tuple[int, int, int]:
    """Return what changes if a file does: its times, in nanoseconds, and its size in bytes.

    The second time is that of its inode, which tools that restore the first one can't set. Raises
    GlassnetError if there is no such file.
    """
    try:
        state = os.stat(path)
    except OSError as error:
        what = f"can't be read: {error.strerror or error}."
        raise GlassnetError(what, where=str(path), fix="Check the path.") from error
    return state.st_mtime_ns, state.st_ctime_ns, state.st_size


def write_whole(path: str | Path, data: bytes) -> None:
    """Write a file atomically: whatever happens, the path holds the old content or the new.

    Raises GlassnetError with the path and the system's reason; the old file is then unchanged.
    """
    with whole_file(path) as file:
        file.write(data)


@contextmanager
def whole_file(path: str | Path) -> Iterator[BinaryIO]:
    """Yield a file to write to, which becomes the one at the path when the context ends.

    It is a temporary file beside it, which is fsynced and renamed, and the folder is fsynced. After
    an error it is removed, and the old file is unchanged; those of the operating system become
    GlassnetError with the path and the system's reason.
    """
    path = checked_path(path, "the file to write")
    temporary = path.with_name(f".{path.name}.{uuid4().hex}.part")  # unique to this call
    try:
        with writing(path, "Nothing was changed; free some space or choose another folder."):
            with open(temporary, "xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    with writing(path, "It is written, but a power failure might undo that."):
        _fsync(path.parent)


def make_durable(path: Path) -> None:
    """Flush a file that was appended to, and its folder: a power failure can't undo it then."""
    with writing(path, "It is written, but a power failure might undo that."):
        _fsync(path)
        _fsync(path.parent)


def _fsync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextmanager
def writing(path: str | Path, fix: str) -> Iterator[None]:
    """Context that raises GlassnetError if the operating system refuses to write the path."""
    try:
        yield
    except OSError as error:
        raise unwritable(path, error, fix) from error


def unwritable(path: str | Path, error: OSError, fix: str) -> GlassnetError:
    """Return the error for a path that the operating system refuses to write."""
    return GlassnetError(f"can't be written: {error.strerror or error}.", where=str(path), fix=fix)


def require_utf8(path: str | Path | None) -> None:
    """Raise if the path is not valid UTF-8, so that no JSON file can name it."""
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise GlassnetError(
            "is not a name in UTF-8.",
            where=ascii(str(path)),
            fix="Rename it, or set a UTF-8 locale: export LC_ALL=C.UTF-8",
        ) from error


@contextmanager
def open_file(path: str | Path, fix: str) -> Iterator[tuple[BinaryIO, int]]:
    """Yield the open file and its size in bytes; raises GlassnetError if it can't be read.

    Refuses pipes, devices and sockets, which may never end, without waiting for them.
    """
    path = checked_path(path, "the file to read")
    if "\0" in str(path):
        raise GlassnetError("contains a zero byte.", where=repr(str(path)), fix=fix)
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise GlassnetError("is not a file.", where=str(path), fix=fix)
            yield file, status.st_size
    except OSError as error:
        fix = "Check the path." if isinstance(error, FileNotFoundError) else fix
        raise GlassnetError(
            f"can't be read: {error.strerror or error}.", where=str(path), fix=fix
        ) from error


def read_file(path: str | Path, most: int, fix: str) -> bytes:
    """Return the file's content; raises if it has more than `most` bytes."""
    with open_file(path, fix) as (file, size):
        if size > most:
            raise GlassnetError(
                f"has {size:,} bytes, more than {most:,}.", where=str(path), fix=fix
            )
        return file.read(most)


def _open_without_waiting(path: str, flags: int) -> int:
    """Open without blocking: opening a pipe would wait forever for its writer."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
