"""A saved audit is loaded unchanged, and a damaged one not at all."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from glassnet.audit import Audit, Copy, Odd, Place, Suspect
from glassnet.audit.cache import load_audit, save_audit
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
    assert load_audit(DATA) is None
    save_audit(FOUND)
    assert load_audit(DATA) == FOUND
    assert load_audit(replace(DATA, sha256="cd" * 32)) is None


def test_the_classes_and_sizes_must_match() -> None:
    save_audit(FOUND)
    assert load_audit(replace(DATA, class_names=("a", "c"))) is None
    assert load_audit(replace(DATA, x_test=DATA.x_train, y_test=DATA.y_train)) is None


@pytest.mark.parametrize("text", ["", "{}", '{"copies": [{"place": 1}]}', "[]"])
def test_a_damaged_file_is_not_loaded(text: str) -> None:
    save_audit(FOUND).write_text(text)
    assert load_audit(DATA) is None


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
def test_invalid_findings_are_not_loaded(kind: str, changes: dict[str, object]) -> None:
    path = save_audit(FOUND)
    saved = json.loads(path.read_text())
    saved[kind][0] |= changes
    path.write_text(json.dumps(saved))
    assert load_audit(DATA) is None
