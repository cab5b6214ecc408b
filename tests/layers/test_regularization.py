"""The Dropout layer: only in training, and a function of (seed, step, place)."""

import numpy as np
import pytest

from glassnet.errors import GlassnetError
from glassnet.layers import Call, Dropout, Sequential

X = np.ones((50, 40), np.float32)


def dropped(layer: Dropout | Sequential = Dropout(0.5), **call: int) -> np.ndarray:  # noqa: B008
    return layer.forward({}, X, Call(training=True, **call))[0]


def test_outside_training_nothing_happens() -> None:
    np.testing.assert_array_equal(Dropout(0.5).forward({}, X)[0], X)
    np.testing.assert_array_equal(dropped(Dropout(0.0)), X)


def test_seed_step_and_place_decide() -> None:
    first = dropped(seed=1, step=2)
    np.testing.assert_array_equal(first, dropped(seed=1, step=2))
    for other in ({"seed": 2, "step": 2}, {"seed": 1, "step": 3}, {"seed": 1 + 2**32, "step": 2}):
        assert (first != dropped(**other)).mean() > 0.4
    two = Sequential((Dropout(0.5), Dropout(0.5)))
    assert dropped(two, seed=1).mean() == pytest.approx(1, abs=0.15)
    assert (dropped(two, seed=1) == 4).mean() == pytest.approx(0.25, abs=0.05)


@pytest.mark.parametrize("rate", [0.5, np.float64(0.5), np.float32(0.5)])
def test_a_rate_of_any_kind_keeps_single_precision(rate: float) -> None:
    assert dropped(Dropout(rate)).dtype == np.float32


@pytest.mark.parametrize("rate", [-0.1, 1.0, float("nan")])
def test_refusals(rate: float) -> None:
    with pytest.raises(GlassnetError, match=r"Dropout: rate must be in \[0, 1\)"):
        Dropout(rate)
