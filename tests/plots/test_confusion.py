"""Confusion matrices with few and with many classes."""

import numpy as np

from glassnet.plots.confusion import confusion_matrix
from tests.plots.given import pictures, texts


def test_counts_and_shares_of_the_true_class() -> None:
    figure = confusion_matrix(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), ("cat", "dog", "emu"))
    said = texts(figure)
    assert {"2\n67%", "1\n33%", "1\n100%"} <= set(said)
    (shares,) = pictures(figure)
    np.testing.assert_allclose(shares, [[2 / 3, 1 / 3, 0], [0, 1, 0], [0, 0, 0]])


def test_many_classes_have_no_numbers_and_no_more_names_than_there_is_room_for() -> None:
    labels = np.arange(200)
    figure = confusion_matrix(labels, labels, [f"class {i}" for i in range(200)])
    assert not any("\n" in text for text in texts(figure))
    assert len(figure.axes[0].get_xticks()) <= 60
    assert figure.get_figwidth() <= 9
