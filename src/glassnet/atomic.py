"""Files that are written whole or not at all."""

import os
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from glassnet.errors import GlassnetError


def write_whole(path: str | Path, data: bytes) -> None:
    """Write a file so that, whatever happens, it is either the old one or the new one.

    Temporary file beside it, fsync, rename, fsync of the folder. Raises GlassnetError with the
    path and the system's reason; the temporary file is then gone and the old file untouched.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{uuid4().hex}.part")  # for this thread alone
    try:
        with open(temporary, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        fix = "Nothing was changed; free some space or choose another folder."
        raise unwritable(path, error, fix) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    try:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        fix = "It is written, but a power cut might undo that."
        raise unwritable(path, error, fix) from error


def unwritable(path: str | Path, error: OSError, fix: str) -> GlassnetError:
    """The error for a path that the system would not let us write."""
    return GlassnetError(f"can't be written: {error.strerror or error}.", where=str(path), fix=fix)
