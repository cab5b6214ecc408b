"""The whole audit: each planted defect is in it once, under its row number."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from glassnet.audit import Audit, audit
from glassnet.core.errors import GlassnetError
from glassnet.core.strict_json import as_json
from glassnet.data import Dataset, load
from glassnet.data.dataset import make_dataset
from glassnet.data.text.datasets import Texts
from tests.messages import recorded


@pytest.fixture(scope="module")
def data(fashion: Dataset) -> Dataset:
    """1,500 and 300 garments: test row 0 copies train row 5; train row 7 nearly copies row 6;
    train row 8 is blank, 9 is noise; the label of train row 0 is wrong.
    """
    rng = np.random.default_rng(0)
    x, y = fashion.x_train[:1500].copy(), fashion.y_train[:1500].copy()
    x_test, y_test = fashion.x_test[:300].copy(), fashion.y_test[:300].copy()
    x_test[0], y_test[0] = x[5], y[5]
    x[7], y[7] = np.clip(x[6].astype(int) + rng.integers(-2, 3, x[6].shape), 0, 255), y[6]
    x[8] = 9
    x[9] = rng.integers(0, 256, x[9].shape)
    y[0] = 1  # an ankle boot
    return make_dataset("planted", x, y, x_test, y_test, fashion.class_names, "a test")


@pytest.fixture(scope="module")
def found(data: Dataset) -> Audit:
    with recorded() as lines:
        result = audit(data)
    assert any("copies" in line for line in lines)
    assert any("label errors" in line for line in lines)
    return result


def test_copies(found: Audit) -> None:
    pairs = {(str(c.place), str(c.of)): c.distance for c in found.copies}
    assert pairs["test 0", "train 5"] == 0
    assert 0 < pairs["train 7", "train 6"] < 0.1
    assert found.counts()["copies"] == 1
    assert len(pairs) == len(found.copies) < 10


def test_labels(found: Audit) -> None:
    places = [str(s.place) for s in found.suspects]
    assert "train 0" in places[:20]
    suspect = found.suspects[places.index("train 0")]
    assert suspect.label == "Trouser"
    assert suspect.suggested in ("Ankle boot", "Sneaker", "Sandal")
    probabilities = [s.probability for s in found.suspects]
    assert probabilities == sorted(probabilities)


def test_odd_ones(found: Audit) -> None:
    odd = {str(o.place): o.distance for o in found.odd}
    assert odd["train 8"] is None
    assert odd["train 9"] == max(d for d in odd.values() if d is not None)
    assert len(odd) < 20


def test_for_people_and_programs(found: Audit) -> None:
    text = "\n".join(found.lines(top=3))
    for part in ("planted: 1,500 train, 300 test", "1 copy", "test 0", "train 5", "constant"):
        assert part in text
    values = json.loads(json.dumps(as_json(found)))
    assert values["copies"][0]["place"] == {"split": "test", "row": 0}
    assert values["counts"] == found.counts()
    assert sum(one["train"] for one in values["balance"].values()) == 1500
    assert 0 in found.test_rows()
    assert found.test_rows() == sorted(set(found.test_rows()))


def test_the_same_twice(data: Dataset, found: Audit) -> None:
    assert audit(data) == found


def test_of_tables_only_equal_rows_are_copies() -> None:
    """Two columns of any data correlate, and constant rows are not unusual."""
    x, y = np.random.default_rng(0).normal(size=(60, 2)), np.arange(60) % 2
    x[9], x[7] = x[4], 1.0
    found = audit(make_dataset("table", x[:50], y[:50], x[50:], y[50:], ("a", "b"), "a test"))
    assert [(str(c.place), str(c.of), c.equal) for c in found.copies] == [
        ("train 9", "train 4", True)
    ]
    assert found.odd == ()


def test_each_of_many_equal_pictures_is_named_once() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 200, (60, 8, 8), np.uint8), np.arange(60) % 2
    x[:30] = x[0]
    x[40] = x[0] + 10  # brighter: at distance 0, but not equal
    found = audit(make_dataset("alike", x[:50], y[:50], x[50:], y[50:], ("a", "b"), "a test"))
    assert (found.counts()["copies"], found.counts()["near_copies"]) == (29, 1)
    assert {str(c.of) for c in found.copies} == {"train 0"}
    assert found.copies[-1].nearness == f"{found.copies[-1].distance:.3f}"
    assert "pairs_not_compared" not in found.counts()
    assert "9 pairs not compared" in "\n".join(replace(found, pairs_left_out=9).lines())


def test_a_class_of_one_example_is_refused() -> None:
    x, y = np.random.default_rng(0).normal(size=(20, 4)), np.arange(20) % 2
    y[3] = 2
    lone = make_dataset("lone", x, y, x[:4], y[:1].repeat(4), ("a", "b", "c"), "a test")
    with pytest.raises(GlassnetError, match=r"lone: class c has only one example"):
        audit(lone)


def test_texts_are_refused() -> None:
    texts = object.__new__(Texts)
    object.__setattr__(texts, "name", "reviews")
    with pytest.raises(GlassnetError, match="reviews contains texts"):
        audit(texts)


def test_clips_are_audited_by_their_spectrograms(tmp_path: Path) -> None:
    from tests.clips import tone, write

    rng = np.random.default_rng(0)
    for name, hz in (("low", 300), ("high", 1500)):
        for at in range(20):
            signal = tone(hz * rng.uniform(0.8, 1.2)) + rng.normal(0, 0.02, 4000)
            write(tmp_path / "tones" / name / f"{at:02d}.wav", signal.astype(np.float32))
    clips = load(tmp_path / "tones")
    first = tmp_path / "tones" / "low" / "00.wav"
    (tmp_path / "tones" / "low" / "again.wav").write_bytes(first.read_bytes())
    result = audit(load(tmp_path / "tones"))
    assert result.counts()["copies"] == 1
    assert audit(clips).counts()["copies"] == 0
