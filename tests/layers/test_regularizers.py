"""Keras's penalties."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers.regularizers import L1, L1L2, L2, Ambiguity

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


def test_ambiguity_of_members() -> None:
    z = np.array([[[1.0], [3.0]], [[2.0], [2.0]]])
    value, pullback = Ambiguity("linear")(z)
    assert value == 1
    assert pullback(0.5).tolist() == [[[-0.5], [0.5]], [[0], [0]]]
    with pytest.raises(GlassnetError, match="unknown activation 'tanh'"):
        Ambiguity("tanh")
    with pytest.raises(GlassnetError, match=r"is for outputs \(N, members, K\), got 2 axes"):
        Ambiguity("linear")(W)
