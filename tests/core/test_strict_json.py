"""JSON of our own values."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from glassnet.core.strict_json import as_json, json_text


@dataclass(frozen=True)
class Point:
    """Equal to its fields."""

    x: float
    place: Path | None = None


@dataclass(frozen=True)
class Doubled(Point):
    """With a derived number."""

    def to_dict(self) -> dict[str, float]:
        return {"double": 2 * self.x, **vars(self)}


def test_dataclasses_arrays_paths_and_what_is_not_finite() -> None:
    value = {
        "points": (Point(1.0, Path("a/b")), Doubled(float("nan"))),
        "array": np.array([[1, 2]]),
        "numbers": [np.float32(0.5), np.int64(3), np.bool_(True), float("-inf")],
        "none": None,
    }
    wanted = {
        "points": [{"x": 1.0, "place": "a/b"}, {"double": None, "x": None, "place": None}],
        "array": [[1, 2]],
        "numbers": [0.5, 3, True, None],
        "none": None,
    }
    assert as_json(value) == wanted
    assert json.loads(json_text(value)) == wanted
    assert json_text({"é": 1}, indent=2) == '{\n  "é": 1\n}'
