"""The cache of audits, which take a minute: one file per data set, named by its hash."""

from pathlib import Path
from typing import Any, get_type_hints

from platformdirs import user_cache_path

from glassnet.audit.findings import Audit, Copy, Odd, Place, Suspect, sizes_of
from glassnet.core.errors import GlassnetError
from glassnet.core.files import write_whole, writing
from glassnet.core.strict_json import json_text, strict_json
from glassnet.data import Dataset


def save_audit(audit: Audit) -> Path:
    """Save an audit and return its path. Raises GlassnetError if that fails."""
    path = _path(audit.sha256)
    with writing(path.parent, "The audit was not saved."):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json_text(audit).encode())
    return path


def load_audit(data: Dataset) -> Audit | None:
    """The saved audit of the data; None if there is none, if it is damaged or has other classes."""
    path = _path(data.sha256)
    try:
        audit = _parse(strict_json(path.read_bytes(), str(path)), sizes_of(data))
    except (OSError, GlassnetError, KeyError, TypeError, ValueError):
        return None
    return audit if tuple(audit.balance) == data.class_names else None


def _path(sha256: str) -> Path:
    return Path(user_cache_path("glassnet")) / "audits" / f"{sha256}.json"


def _parse(content: dict[str, Any], sizes: dict[str, int]) -> Audit:
    """Parse what `save_audit` wrote. Raises KeyError, TypeError or ValueError if it is invalid."""

    def findings(kind: Any, records: list[dict[str, Any]]) -> Any:
        hints = get_type_hints(kind)
        for record in records:
            places = {key: Place(**record[key]) for key in ("place", "of") if key in record}
            for place in places.values():
                if type(place.row) is not int or not 0 <= place.row < sizes[place.split]:
                    raise ValueError
            if not all(isinstance((record | places)[key], hint) for key, hint in hints.items()):
                raise TypeError
            yield kind(**record | places)

    kinds = {"copies": Copy, "suspects": Suspect, "odd": Odd}
    lists: dict[str, Any] = {
        key: tuple(findings(kind, content[key])) for key, kind in kinds.items()
    }
    if content["sizes"] != sizes or type(content["pairs_left_out"]) is not int:
        raise ValueError
    others = {key: content[key] for key in ("name", "sha256", "sizes", "balance", "pairs_left_out")}
    return Audit(**others, **lists)
