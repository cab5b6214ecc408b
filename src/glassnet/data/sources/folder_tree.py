"""The files and folders below a folder, without hidden ones."""

import os
from collections.abc import Iterator

from glassnet.core.errors import GlassnetError
from glassnet.core.files import require_utf8, state_of
from glassnet.data.sources.media import kind_of_file

_HIDDEN = ("thumbs.db", "desktop.ini", "__macosx")  # beside names that begin with a point
_DEEP = 64  # folders in one another


def state_of_folder(folder: str) -> tuple[tuple[object, ...], ...]:
    """Return (path, what changes if the file does) of all files below a folder, but hidden ones."""
    paths = paths_below(folder, "", ())
    return tuple((path, state_of(os.path.join(folder, path))) for path in paths)


def files_below(folder: str, kind: str) -> list[str]:
    """Return the paths of all files of a kind in a folder, in order, without hidden ones."""
    paths = [os.path.join(folder, path) for path in paths_below(folder, "", ())]
    return [path for path in paths if kind_of_file(path) == kind]


def paths_below(folder: str, place: str, above: tuple[str, ...]) -> Iterator[str]:
    """Yield the paths of all files, from the folder; raises if a link leads to a folder above, or
    folders are in one another too deeply.
    """
    where = os.path.join(folder, place)
    here = os.path.realpath(where)
    if here in above:
        raise GlassnetError("is a link to a folder above it.", where=where, fix="Remove it.")
    if len(above) >= _DEEP:
        what = f"has more than {_DEEP} folders, one in another."
        raise GlassnetError(what, where=folder, fix=f"Move the files up from {where:.200}.")
    folders, files = entries(folder, place)
    for name in files:
        yield joined(place, name)
    for name in folders:
        yield from paths_below(folder, joined(place, name), (*above, here))


def entries(folder: str, place: str) -> tuple[list[str], list[str]]:
    """Return the names of the folders and of the files in a place, without hidden ones."""
    path = os.path.join(folder, place)
    folders, files = [], []
    try:
        with os.scandir(path) as scanned:
            for entry in scanned:
                if entry.name.startswith(".") or entry.name.lower() in _HIDDEN:
                    continue
                require_utf8(entry.path)
                if entry.is_dir():
                    folders.append(entry.name)
                elif entry.is_symlink() and not os.path.exists(entry.path):
                    what = f"is a link to {os.readlink(entry.path)!r}, which does not exist."
                    raise GlassnetError(what, where=entry.path, fix="Remove or correct it.")
                elif not entry.is_file():
                    what = "is a pipe, a socket or a device, not a file."
                    raise GlassnetError(what, where=entry.path, fix="Remove it.")
                else:
                    files.append(entry.name)
    except OSError as error:
        what = f"can't be read: {error.strerror or error}."
        raise GlassnetError(what, where=path, fix="Check its permissions.") from error
    return sorted(folders), sorted(files)


def joined(place: str, name: str) -> str:
    return f"{place}/{name}" if place else name
