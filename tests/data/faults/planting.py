"""A clean table, how faults are planted in it, and what is reported before the first epoch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from glassnet import GlassnetError
from glassnet.data import Rows, load
from glassnet.runs.data import choices_of, chosen_settings
from glassnet.runs.doctor import diagnose_settings

Message = tuple[str, str]  # (level, text)
Content = bytes | pl.DataFrame | Mapping[str, bytes]  # of a file, or the files of a folder

ERROR, WARNING = "error", "warning"
SHOWN = "shown"  # with the types of the columns

ROWS = 400
AT = np.arange(ROWS)  # the rows of the table; row 4 is line 6 of a file
SOME = AT % 9 == 4
ONE = AT == 4
RNG = np.random.default_rng(7)
_AGE = RNG.integers(18, 91, ROWS)
_WEIGHT = RNG.normal(72, 12, ROWS).round(1)
_SMOKER = RNG.choice(["yes", "no"], ROWS, p=[0.3, 0.7])
_SCORE = _AGE / 20 + (_SMOKER == "yes") * 2 + _WEIGHT / 30 + RNG.normal(0, 0.5, ROWS)
_CLEAN = pl.DataFrame({
    "age": _AGE,
    "weight": _WEIGHT,
    "height": RNG.normal(171, 9, ROWS).round(1),
    "city": RNG.choice(["Lyon", "Bergen", "Turin", "Porto", "Gent"], ROWS),
    "smoker": _SMOKER,
    "visit": pl.Series(np.datetime64("2021-03-01") + RNG.integers(0, 1200, ROWS)).cast(pl.Date),
    "cost": (_SCORE * 100 + RNG.normal(0, 30, ROWS)).round(2),
    "risk": np.where(np.median(_SCORE) < _SCORE, "high", "low"),
})  # fmt: skip
CLASSES, NUMBERS = _CLEAN.drop("cost"), _CLEAN.drop("risk")


@dataclass(frozen=True)
class Fault:
    """A fault in files, the options of `train`, and words of the message that names it."""

    name: str
    level: str
    words: tuple[str, ...]
    table: Content
    file: str = "table.csv"
    test: bytes | pl.DataFrame | None = None  # the file test.csv
    options: Mapping[str, Any] = field(default_factory=dict)

    def messages(self, folder: Path) -> list[Message]:
        """Plant the fault in files of a folder, and return what is reported."""
        path, options = folder / self.file, dict(self.options)
        if isinstance(self.table, Mapping):
            path.mkdir(exist_ok=True)
            for name, content in self.table.items():
                (path / name).parent.mkdir(parents=True, exist_ok=True)
                (path / name).write_bytes(content)
        else:
            path.write_bytes(as_bytes(self.table, self.file))
        if self.test is not None:
            (folder / "test.csv").write_bytes(as_bytes(self.test, "test.csv"))
            options["test_file"] = str(folder / "test.csv")
        messages = shown(path, options) if self.level == SHOWN else reported(path, options)
        return [(level, text.replace(f"{folder}/", "")) for level, text in messages]

    def is_named_by(self, level: str, message: str) -> bool:
        """True if this is the expected message."""
        return level == self.level and all(word in message for word in self.words)


def fault(
    name: str, level: str, *words: str, table: Content, file: str = "table.csv",
    test: bytes | pl.DataFrame | None = None, target: str | None = "risk", **options: Any,
) -> Fault:  # fmt: skip
    """Return a fault in a table whose target is, in general, the risk."""
    choices = options | ({} if target is None else {"target": [target]})
    return Fault(name, level, words, table, file, test, choices)


def reported(path: Path, options: Mapping[str, Any]) -> list[Message]:
    """Return what `glassnet doctor` and `train` report of a file."""
    try:
        findings = diagnose_settings(chosen_settings(str(path), **options))
    except GlassnetError as error:
        return [(ERROR, str(error))]
    return [(finding.level, str(finding)) for finding in findings]


def shown(path: Path, options: Mapping[str, Any]) -> list[Message]:
    """Return what `glassnet data` and `train` show of the columns of a file."""
    data = load(path, **choices_of(options))
    assert isinstance(data, Rows)
    return [(SHOWN, f"{card.name}: {card.type}, {card.reason}") for card in data.card]


def as_bytes(content: bytes | pl.DataFrame, name: str) -> bytes:
    """Return a table in the format that the end of the name says."""
    if isinstance(content, bytes):
        return content
    if name.endswith(".parquet"):
        content.write_parquet(file := BytesIO())
        return file.getvalue()
    return (content.write_ndjson() if name.endswith(".jsonl") else content.write_csv()).encode()


def with_cells(name: str, cells: Any, where: Any = True) -> pl.DataFrame:
    """Return the table with other texts in some cells of a column."""
    texts = CLASSES[name].cast(pl.String)
    others = pl.Series(name, [cells] * ROWS if isinstance(cells, str) else list(cells), pl.String)
    return CLASSES.with_columns(others.zip_with(pl.Series(np.broadcast_to(where, ROWS)), texts))


def with_column(name: str, values: Any) -> pl.DataFrame:
    """Return the table with another column."""
    return CLASSES.with_columns(pl.Series(name, values))


def numbers_with(name: str, values: Any) -> pl.DataFrame:
    """Return the table with numbers to predict, and another column."""
    return NUMBERS.with_columns(pl.Series(name, values))
