"""An audit, which takes a minute, is kept for later commands, by the hash of the data it is of."""

from pathlib import Path
from typing import Any, get_type_hints

from platformdirs import user_cache_path

from glassnet.audit.findings import Audit, Copy, Odd, Place, Suspect, sizes_of
from glassnet.core.errors import GlassnetError
from glassnet.core.files import unwritable, write_whole
from glassnet.core.strict_json import json_text, strict_json
from glassnet.data import Dataset


def keep(found: Audit) -> Path:
    """Write it down; where. Raises GlassnetError where that can't be."""
    path = _path(found.sha256)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path.parent, error, "Nothing was kept.") from error
    write_whole(path, json_text(found).encode())
    return path


def kept(data: Dataset) -> Audit | None:
    """The audit of these data; None if none was made, if it names other classes, or is damaged."""
    path = _path(data.sha256)
    try:
        found = _read(strict_json(path.read_bytes(), str(path)), sizes_of(data))
    except (OSError, GlassnetError, KeyError, TypeError, ValueError):
        return None
    return found if tuple(found.balance) == data.class_names else None


def _path(sha256: str) -> Path:
    return Path(user_cache_path("glassnet")) / "audits" / f"{sha256}.json"


def _read(said: dict[str, Any], sizes: dict[str, int]) -> Audit:
    """What `keep` wrote; raises KeyError, TypeError or ValueError if it is something else."""

    def made(kind: Any, found: list[dict[str, Any]]) -> Any:
        hints = get_type_hints(kind)
        for one in found:
            places = {key: Place(**one[key]) for key in ("place", "of") if key in one}
            for place in places.values():
                if type(place.row) is not int or not 0 <= place.row < sizes[place.split]:
                    raise ValueError
            if not all(isinstance((one | places)[key], hint) for key, hint in hints.items()):
                raise TypeError
            yield kind(**one | places)

    kinds = {"copies": Copy, "suspects": Suspect, "odd": Odd}
    lists: dict[str, Any] = {key: tuple(made(kind, said[key])) for key, kind in kinds.items()}
    if said["sizes"] != sizes or type(said["pairs_left_out"]) is not int:
        raise ValueError
    rest = {key: said[key] for key in ("name", "sha256", "sizes", "balance", "pairs_left_out")}
    return Audit(**rest, **lists)
