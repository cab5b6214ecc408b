"""What the summary says follows from the numbers."""

import numpy as np
import pytest

from glassnet.evaluate.classifier import Evaluation, evaluation
from glassnet.evaluate.language_model import NextByte
from glassnet.report.card import _limits
from glassnet.report.words import listed, of_bytes, of_classes


def judged(
    confidence: float, right: int = 80, temperature: float | None = None, stored: bool = False
) -> Evaluation:
    """A test of 100 examples, one answer of `confidence` for each, so many of them right."""
    labels = np.arange(100) % 2
    said = np.where(np.arange(100) < right, labels, 1 - labels)
    outputs = np.where(np.eye(2, dtype=bool)[said], confidence, 1 - confidence)
    names = ("coat", "shirt")
    return evaluation(labels, outputs, 0.5, names, temperature=temperature, stored=stored)


def test_accuracy_is_said_with_its_interval_and_beside_chance() -> None:
    said = " ".join(of_classes(judged(0.8), "pictures", 0.5))
    assert "2 kinds of pictures apart: coat and shirt" in said
    assert "judges 80.0% rightly" in said
    assert "71.1% to 86.7%" in said  # Wilson's interval of 80 of 100
    assert "most frequent class is right in 50.0%" in said
    assert "can be believed" in said


@pytest.mark.parametrize(
    ("confidence", "words"), [(0.99, "surer than it should be"), (0.6, "less sure than it should")]
)
def test_calibration_is_said_by_its_sign(confidence: float, words: str) -> None:
    assert words in " ".join(of_classes(judged(confidence), "pictures", 0.5))


def test_a_temperature_that_helps_is_named() -> None:
    said = " ".join(of_classes(judged(0.99, temperature=3.3), "pictures", 0.5))
    assert "at the temperature 3.30, which glassnet evaluate --calibrate would store" in said


def test_only_a_stored_temperature_is_predict_s() -> None:
    bare, stored = (judged(0.99, temperature=3.3, stored=stored) for stored in (False, True))
    assert bare.told is bare.bare
    assert stored.told is stored.calibrated
    said = " ".join(of_classes(stored, "pictures", 0.5))
    assert "at the temperature 3.30, at which glassnet predict gives them" in said


def test_classes_without_examples_are_named_and_not_the_worst() -> None:
    labels = np.array([0, 0, 0, 1, 1, 1])
    found = evaluation(labels, np.eye(3)[[0, 0, 0, 1, 1, 0]], 0.5, ("coat", "shirt", "hat"))
    said = " ".join(of_classes(found, "pictures", 0.6))
    assert "Of hat the test set has no examples" in said
    assert "knows coat best and shirt least" in said
    assert any(line.startswith("hat: never tested") for line in _limits(found, [], False, False))
    assert not any(line.startswith("hat: F1") for line in _limits(found, [], False, False))


def test_long_lists_are_cut() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed([str(i) for i in range(15)]).endswith("9 and 5 more")


def test_bytes_are_told_beside_their_frequency() -> None:
    said = " ".join(of_bytes(NextByte(2.0, 4.0, 0.5, 1.4, 4.5, 1000)))
    assert "2.00 bits" in said
    assert "among 4.0 equally likely" in said
    assert "needs 4.50 bits" in said
