"""What test results show in a notebook."""

import numpy as np

from glassnet.evaluate.classifier import evaluation
from glassnet.evaluate.language_model import next_byte
from glassnet.evaluate.multi_label import MultiLabel
from glassnet.evaluate.regression import Regression
from tests.pages.test_html import Read

LABELS = np.array([0, 0, 1, 1])
OUTPUTS = np.array([[0.9, 0.1], [0.2, 0.8], [0.1, 0.9], [0.3, 0.7]])


def test_a_classifier() -> None:
    result = evaluation(LABELS, OUTPUTS, 0.4, ["<a>", "b"])
    for output in (result._repr_html_(), result.test._repr_html_()):
        read = Read(output)
        assert "75.0%" in read.texts
        assert "<a>" in read.texts
        assert sum(name == "svg" for name, _ in read.tags) == 1


def test_a_language_model() -> None:
    tokens = np.array([[1, 2, 3]])
    assert "bits per byte" in next_byte(tokens, tokens, 0.5, 0.9)._repr_html_()


def test_tables_of_results_show_themselves() -> None:
    assert {"_repr_html_", "rows", "notes", "headline"} <= {*dir(Regression)} & {*dir(MultiLabel)}
