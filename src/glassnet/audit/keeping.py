"""An audit, which takes a minute, is kept for later commands, by the hash of the data it is of."""

import json
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from glassnet.atomic import write_whole
from glassnet.audit.findings import Audit, Copy, Odd, Place, Suspect
from glassnet.errors import GlassnetError
from glassnet.strict import strict_json


def keep(found: Audit) -> Path:
    """Write it down; where. Raises GlassnetError where that can't be."""
    path = _path(found.sha256)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GlassnetError(f"can't be made: {error}.", where=str(path.parent)) from error
    write_whole(path, json.dumps(found.to_dict(), allow_nan=False).encode())
    return path


def kept(sha256: str) -> Audit | None:
    """The audit of the data with this hash; None if none was made, or if its file is damaged."""
    path = _path(sha256)
    try:
        return _read(strict_json(path.read_bytes(), str(path)))
    except (OSError, GlassnetError, KeyError, TypeError):
        return None


def _path(sha256: str) -> Path:
    return Path(user_cache_path("glassnet")) / "audits" / f"{sha256}.json"


def _read(said: dict[str, Any]) -> Audit:
    def made(kind: Any, one: dict[str, Any]) -> Any:
        places = {key: Place(**one[key]) for key in ("place", "of") if key in one}
        return kind(**one | places)

    kinds = {"copies": Copy, "suspects": Suspect, "odd": Odd}
    lists: dict[str, Any] = {
        key: tuple(made(kind, one) for one in said[key]) for key, kind in kinds.items()
    }
    rest = {key: said[key] for key in ("name", "sha256", "sizes", "balance")}
    return Audit(**rest, **lists)
