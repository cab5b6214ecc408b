"""Results of numbers, counts and labels are in the words and units of the target."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data.targets import Classes, Counts, Labels, Numbers
from glassnet.evaluate.counts import Counts as CountResult
from glassnet.evaluate.multi_label import MultiLabel
from glassnet.evaluate.regression import Regression
from glassnet.evaluate.tasks import task_result

TRAIN = np.array([[1.0], [2.0], [4.0]])


def test_numbers_are_decoded() -> None:
    target = Numbers(("y",), "why", (".",), (10.0,), mean=(100.0,), median=(90.0,))
    result = task_result(target, np.array([[100.0], [120.0]]), np.array([[0.0], [1.0]]), 0.5)
    assert isinstance(result, Regression)
    assert result.targets[0].mae.value == 5  # |100 − 100| and |110 − 120|
    assert "y: MAE 5.0" in result.headline()
    assert result.targets[0].mae_of_median == 20  # |100 − 90| and |120 − 90|
    with pytest.raises(GlassnetError, match=r"the model: has no constants .* train it again"):
        task_result(Numbers(("y",), "why", (".",)), TRAIN, TRAIN, 0.5)


def test_counts_and_labels() -> None:
    counts = task_result(Counts(("n",), "why", (".",)).fitted(TRAIN), TRAIN, TRAIN + 1, 0.5)
    assert isinstance(counts, CountResult)
    assert counts.targets[0].mae.value == 1
    assert counts.targets[0].mae_of_median == 1  # of 1, 2 and 4 from 2
    present = np.array([[1, 0], [0, 1], [1, 1]])
    target = Labels(("a", "b"), "why", ("a", "b")).fitted(1 - present)
    labels = task_result(target, present, present * 0.8 + 0.1, 0.5)
    assert isinstance(labels, MultiLabel)
    assert labels.exact == 1
    assert labels.hamming_loss_of_majority == pytest.approx(4 / 6)  # of always neither


def test_classes_have_their_own_results() -> None:
    with pytest.raises(GlassnetError, match="predicts classes"):
        task_result(Classes(("y",), "why", ("a", "b")), TRAIN, TRAIN, 0.5)
