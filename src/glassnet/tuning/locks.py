"""Named locks that end with the process that holds them, however it ends.

Under the lock of a study, one process at a time decides what is done next. A worker holds a lock of
its own for as long as it lives, so the others see at once that it was killed.
"""

import hashlib
import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

from glassnet.core.errors import GlassnetError
from glassnet.core.files import writing


class Locks(Protocol):
    """Locks by name."""

    def acquire(self, name: str, *, wait: bool) -> bool:
        """Take a lock; False if another process holds it and `wait` is False."""

    def release(self, name: str) -> None:
        """Give a lock back."""


@contextmanager
def locked(locks: Locks, name: str) -> Iterator[None]:
    """Context that holds a lock."""
    locks.acquire(name, wait=True)
    try:
        yield
    finally:
        locks.release(name)


def is_held(locks: Locks, name: str) -> bool:
    """True if a living process holds the lock."""
    if not locks.acquire(name, wait=False):
        return True
    locks.release(name)
    return False


class FileLocks:
    """Locks as files of one folder: for the processes of one machine, or of a shared folder whose
    file system has locks.
    """

    def __init__(self, folder: Path) -> None:
        if fcntl is None:
            what = "needs file locks, which this system does not have."
            raise GlassnetError(what, where="tune", fix="Use Linux, macOS or WSL.")
        self.folder = folder
        self._held: dict[str, int] = {}
        with writing(folder, "Choose another folder with --out."):
            folder.mkdir(parents=True, exist_ok=True)

    def acquire(self, name: str, *, wait: bool) -> bool:
        with writing(self.folder / name, "Choose another folder with --out."):
            file = os.open(self.folder / name, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._held[name] = file
        return True

    def release(self, name: str) -> None:
        os.close(self._held.pop(name))


class PostgresLocks:
    """Advisory locks of a PostgreSQL server: for the processes of many machines.

    They belong to one connection, and end with it.
    """

    def __init__(self, engine: Any, study: str) -> None:
        self._connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._connection.detach()  # from the pool: closing it ends its locks
        weakref.finalize(self, self._connection.close)
        self._study = study

    def acquire(self, name: str, *, wait: bool) -> bool:
        function = "pg_advisory_lock" if wait else "pg_try_advisory_lock"
        return self._call(function, name) is not False

    def release(self, name: str) -> None:
        self._call("pg_advisory_unlock", name)

    def _call(self, function: str, name: str) -> Any:
        from sqlalchemy import text

        digest = hashlib.sha256(f"glassnet {self._study} {name}".encode()).digest()
        key = int.from_bytes(digest[:8], "big", signed=True)
        return self._connection.execute(text(f"SELECT {function}(:key)"), {"key": key}).scalar()
