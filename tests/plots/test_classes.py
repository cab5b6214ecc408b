"""Class distribution."""

import numpy as np

from glassnet.plots.classes import class_distribution
from tests.plots.given import texts


def test_every_count_is_written() -> None:
    labels = {"training": np.array([0] * 1500 + [1]), "test": np.array([1, 1])}
    said = texts(class_distribution(labels, ("cat", "dog", "emu")))
    assert {"cat", "dog", "emu", "1,500", "1", "2", "0", "training", "test"} <= set(said)
