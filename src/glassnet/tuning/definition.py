"""What identifies a study: two studies with the same definition have the same trials."""

import hashlib
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

from glassnet.core.errors import GlassnetError
from glassnet.core.files import read_file, write_whole
from glassnet.core.strict_json import json_text, strict_json
from glassnet.tuning.space import Space

STUDY_FILE = "study.json"
PRUNING = ("none", "halving", "median")
_MOST = 4 * 2**20  # bytes of the file
_PLACES = ("data", "data_dir")  # where the data are; `sha256` says which they are


@dataclass(frozen=True, kw_only=True)
class Definition:
    """The data, the space and the method of a study."""

    data: str | None  # None for a Python function
    sha256: str | None  # of the data, or of the function's code
    data_dir: str | None = None
    kind: str | None = None  # of the data, and what is predicted
    task: str | None = None
    rows: int | None = None  # of a table, for training
    options: dict[str, Any]  # of `train`, the same in all trials
    space: Space
    method: str
    prune: str
    round_size: int
    metric: str
    maximize: bool
    seed: int
    inherits: str | None = None  # the hash of the study whose trials it begins with

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values, as they are when the file is read: (8, 4) is [8, 4]."""
        values = asdict(self) | {"space": self.space.to_dict()}
        return strict_json(json_text(values), STUDY_FILE)

    @classmethod
    def from_dict(cls, values: dict[str, Any], where: str) -> Self:
        names = {field.name for field in fields(cls)}
        if set(values) != names:
            raise GlassnetError("is not the definition of a study.", where=where)
        return cls(**values | {"space": Space.from_dict(values["space"], where)})

    @property
    def identity(self) -> str:
        """A hash of everything that the trials depend on."""
        values = {key: value for key, value in self.to_dict().items() if key not in _PLACES}
        return hashlib.sha256(json_text(values).encode()).hexdigest()

    def write(self, folder: Path) -> None:
        """Write `study.json`."""
        write_whole(folder / STUDY_FILE, (json_text(self.to_dict(), indent=2) + "\n").encode())

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read `study.json`."""
        path = folder / STUDY_FILE
        values = strict_json(read_file(path, _MOST, "Give the folder of a study."), str(path))
        return cls.from_dict(values, str(path))


def differences(was: Definition, now: Definition) -> list[str]:
    """Return the names of what differs between two definitions."""
    before, after = was.to_dict(), now.to_dict()
    return [name for name in after if name not in _PLACES and before.get(name) != after[name]]


def others(was: Definition, now: Definition, names: list[str]) -> str:
    """Return in words what differs: "other data, another space"."""
    before, after = was.to_dict()["options"], now.to_dict()["options"]
    changed = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    words = {
        "sha256": "another function" if now.data is None else "other data",
        "options": f"other options ({', '.join(changed)})",
        "prune": "another pruning",
        "rows": "another number of rows",
        "maximize": "another direction",
        "inherits": "trials of another study",
    }
    return ", ".join(words.get(name, f"another {name.replace('_', ' ')}") for name in names)
