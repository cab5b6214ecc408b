"""Keras's penalties."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers.regularizers import L1, L1L2, L2

W = np.array([[1.0, -2.0], [0.0, 3.0]])


@pytest.mark.parametrize(
    ("penalty", "value"), [(L1(), 0.06), (L2(), 0.14), (L1L2(0.1, 0.2), 3.4), (L1L2(), 0)]
)
def test_by_hand(penalty: L1L2, value: float) -> None:
    assert penalty(W)[0] == pytest.approx(value)


@pytest.mark.parametrize("options", [{"l1": -1.0}, {"l2": float("nan")}])
def test_refusals(options: dict[str, float]) -> None:
    with pytest.raises(GlassnetError, match=f"{min(options)} must be a number ≥ 0"):
        L1L2(**options)
