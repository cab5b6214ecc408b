"""Definitions and storages of small studies."""

from pathlib import Path
from typing import Any

from glassnet.tuning.definition import Definition
from glassnet.tuning.space import Space
from glassnet.tuning.storage import StudyStorage


def definition_of(space: dict[str, Any] | None = None, **changes: Any) -> Definition:
    """The definition of a study of a function, with these changes."""
    fields: dict[str, Any] = {
        "data": None,
        "sha256": None,
        "options": {},
        "space": Space.from_dict(space or {"x": {"low": 0.0, "high": 1.0}}),
        "method": "random",
        "prune": "none",
        "round_size": 3,
        "metric": "score",
        "maximize": True,
        "seed": 0,
    }
    return Definition(**fields | changes)


def storage_in(
    folder: Path, definition: Definition | None = None, url: str | None = None, name: str = "study"
) -> StudyStorage:
    """A storage in a folder, or of a database."""
    return StudyStorage(folder, url, name, definition or definition_of())
