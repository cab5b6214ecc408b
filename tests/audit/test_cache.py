"""What is kept of an audit is the audit."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from glassnet.audit import Audit, Copy, Odd, Place, Suspect
from glassnet.audit.cache import keep, kept
from glassnet.data.dataset import make_dataset

FOUND = Audit(
    "things",
    "ab" * 32,
    {"train": 3, "test": 2},
    {"a": {"train": 2, "test": 1}, "b": {"train": 1, "test": 1}},
    (Copy(Place("test", 1), Place("train", 0), "a", "b", True, 0.0),),
    (Suspect(Place("test", 0), "a", 0.01, "b", 0.98),),
    (Odd(Place("train", 2), "a", None), Odd(Place("train", 1), "b", 1.25)),
    0,
)
X, Y = np.zeros((3, 2, 2), np.uint8), np.array([0, 1, 0])
DATA = replace(
    make_dataset("things", X, Y, X[:2], Y[:2], ("a", "b"), "a test"), sha256=FOUND.sha256
)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.audit.cache.user_cache_path", lambda name: tmp_path / name)


def test_it_comes_back() -> None:
    assert kept(DATA) is None
    keep(FOUND)
    assert kept(DATA) == FOUND
    assert kept(replace(DATA, sha256="cd" * 32)) is None


def test_it_is_of_those_classes_and_of_that_many_rows() -> None:
    keep(FOUND)
    assert kept(replace(DATA, class_names=("a", "c"))) is None
    assert kept(replace(DATA, x_test=DATA.x_train, y_test=DATA.y_train)) is None


@pytest.mark.parametrize("text", ["", "{}", '{"copies": [{"place": 1}]}', "[]"])
def test_a_damaged_file_is_none(text: str) -> None:
    keep(FOUND).write_text(text)
    assert kept(DATA) is None


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("suspects", {"place": {"split": "test", "row": 99999}}),
        ("suspects", {"place": {"split": "test", "row": -1}}),
        ("suspects", {"place": {"split": "test", "row": True}}),
        ("suspects", {"place": {"split": "other", "row": 0}}),
        ("suspects", {"probability": "much"}),
        ("copies", {"of": {"split": "train", "row": 3}}),
        ("odd", {"label": None}),
    ],
)
def test_what_can_not_be_is_none(kind: str, changes: dict[str, object]) -> None:
    path = keep(FOUND)
    said = json.loads(path.read_text())
    said[kind][0] |= changes
    path.write_text(json.dumps(said))
    assert kept(DATA) is None
