"""Overlaps by hand."""

import numpy as np
import pytest

from glassnet.ops.overlaps import dice, tversky

Y, T = np.array([[0.5, 0.25], [1.0, 0.0]]), np.array([[1.0, 0.0], [1.0, 1.0]])


def test_dice() -> None:
    """Σ t y = 1.5, Σ t = 3, Σ y = 1.75; of the rows 0.5, 1, 0.75 and 1, 2, 1."""
    value, back = dice(Y, T, (0, 1))
    assert value == pytest.approx(1 - 3 / 4.75)
    assert back(1.0)[0] == pytest.approx([3 / 4.75**2 - 2 / 4.75, 3 / 4.75**2])
    assert dice(Y, T, (1,))[0] == pytest.approx([1 - 1 / 1.75, 1 - 2 / 3])


def test_tversky_counts_both_kinds_of_errors() -> None:
    """Missed: 0.5 and 0 + 1; too much: 0.25 and 0."""
    value, _ = tversky(Y, T, (1,), 0.3, 0.9)
    assert value == pytest.approx([1 - 0.5 / (0.5 + 0.15 + 0.225), 1 - 1 / (1 + 0.3)])
    assert tversky(Y, T, (0, 1))[0] == pytest.approx(dice(Y, T, (0, 1))[0], abs=1e-6)
