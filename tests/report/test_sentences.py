"""The sentences of the summary agree with the numbers."""

import numpy as np
import pytest

from glassnet.evaluate.classifier import Evaluation, evaluation
from glassnet.evaluate.language_model import NextByte
from glassnet.report.card import _limits
from glassnet.report.sentences import classifier_sentences, language_model_sentences, name_list


def evaluated(
    confidence: float, right: int = 80, temperature: float | None = None, stored: bool = False
) -> Evaluation:
    """The evaluation of 100 predictions of equal `confidence`, of which `right` are correct."""
    labels = np.arange(100) % 2
    predicted = np.where(np.arange(100) < right, labels, 1 - labels)
    outputs = np.where(np.eye(2, dtype=bool)[predicted], confidence, 1 - confidence)
    names = ("coat", "shirt")
    return evaluation(labels, outputs, 0.5, names, temperature=temperature, stored=stored)


def test_accuracy_has_its_interval_and_is_compared_with_chance() -> None:
    text = " ".join(classifier_sentences(evaluated(0.8), "images", 0.5))
    assert "sorts images into 2 classes: coat and shirt" in text
    assert "classifies 80.0% of 100 test examples correctly" in text
    assert "71.1% to 86.7%" in text  # Wilson's interval of 80 of 100
    assert "most frequent class would give an accuracy of 50.0%" in text
    assert "well calibrated" in text


@pytest.mark.parametrize(
    ("confidence", "words"), [(0.99, "It is overconfident"), (0.6, "It is underconfident")]
)
def test_calibration_errors_have_a_sign(confidence: float, words: str) -> None:
    assert words in " ".join(classifier_sentences(evaluated(confidence), "images", 0.5))


def test_a_temperature_that_helps_is_named() -> None:
    text = " ".join(classifier_sentences(evaluated(0.99, temperature=3.3), "images", 0.5))
    assert "at temperature 3.30, which glassnet evaluate --calibrate would store" in text


def test_only_a_stored_temperature_is_predict_s() -> None:
    bare, stored = (evaluated(0.99, temperature=3.3, stored=stored) for stored in (False, True))
    assert bare.reported is bare.bare
    assert stored.reported is stored.calibrated
    text = " ".join(classifier_sentences(stored, "images", 0.5))
    assert "at temperature 3.30, which glassnet predict applies" in text


def test_classes_without_examples_are_named_and_not_the_worst() -> None:
    labels = np.array([0, 0, 0, 1, 1, 1])
    found = evaluation(labels, np.eye(3)[[0, 0, 0, 1, 1, 0]], 0.5, ("coat", "shirt", "hat"))
    text = " ".join(classifier_sentences(found, "images", 0.6))
    assert "The test set has no examples of hat" in text
    assert "recognizes coat best and shirt worst" in text
    assert any(line.startswith("hat: not tested") for line in _limits(found, [], False, False))
    assert not any(line.startswith("hat: F1") for line in _limits(found, [], False, False))


def test_long_lists_are_cut() -> None:
    assert name_list(["a"]) == "a"
    assert name_list(["a", "b", "c"]) == "a, b and c"
    assert name_list([str(i) for i in range(15)]).endswith("9 and 5 more")


def test_bits_per_byte_are_compared_with_byte_frequencies() -> None:
    text = " ".join(language_model_sentences(NextByte(2.0, 4.0, 0.5, 1.4, 4.5, 1000)))
    assert "2.00 bits" in text
    assert "among 4.0 equally likely" in text
    assert "needs 4.50 bits" in text
