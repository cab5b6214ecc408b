"""A run at a glance."""

import numpy as np

from glassnet.plots.overview import overview
from tests.plots.given import HISTORY, pictures, texts

X = np.random.default_rng(0).random((30, 4, 4))
IMAGES = X, np.zeros(30, int), np.full((30, 2), 0.5), ("cat", "dog")


def test_what_there_is_not_is_left_out() -> None:
    kernel = np.random.default_rng(0).normal(size=(16, 6))
    assert len(pictures(overview(HISTORY, kernel, IMAGES))) == 1 + 25
    assert len(pictures(overview(HISTORY, kernel.reshape(4, 4, 1, 6), IMAGES))) == 1 + 25
    assert len(pictures(overview(HISTORY, None, IMAGES))) == 25
    assert not pictures(overview(HISTORY))
    assert "Imported model: its training history is not available." in texts(overview([]))
