"""Accuracy with and without the suspect test rows."""

import numpy as np
import pytest

from glassnet.audit import Audit, Copy, Place, Suspect, repeated
from glassnet.core.errors import GlassnetError
from glassnet.evaluate.classification import interval

AUDIT = Audit(
    "ten", "", {"train": 5, "test": 10}, {},
    copies=(
        Copy(Place("test", 3), Place("train", 1), "a", "a", True, 0.0),
        Copy(Place("test", 5), Place("test", 4), "a", "a", True, 0.0),  # not of a training row
    ),
    suspects=(
        Suspect(Place("test", 0), "a", 0.1, "b", 0.9),
        Suspect(Place("train", 9), "a", 0.1, "b", 0.9),
    ),
    odd=(),
    pairs_left_out=0,
)  # fmt: skip


def test_suspects_and_copies_of_training_rows_are_left_out() -> None:
    labels = np.zeros(10, int)
    predicted = np.array([1, 1, 0, 0, 0, 0, 0, 0, 0, 0])
    found = repeated(AUDIT, labels, predicted)
    assert found.everything.share == 0.8
    assert found.everything.interval == interval(8, 10)
    assert found.unsuspected is not None
    assert found.unsuspected.count == 8
    assert found.unsuspected.share == 7 / 8


def test_other_predictions_are_refused() -> None:
    with pytest.raises(GlassnetError, match="10 test rows"):
        repeated(AUDIT, np.zeros(9, int), np.zeros(9, int))
