from typing import Any

import numpy as np
import pytest

from glassnet.tracing.array import TracedArray
from glassnet.tracing.differences import Difference, difference
from glassnet.tracing.recorder import Recorder


def slope(code: Any, at: Any) -> Difference:
    recorder = Recorder()
    with recorder.recording():
        y = code(TracedArray(recorder.input("x", np.asarray(at))))
    return difference(recorder.program(), 0, (), of=y.index)


@pytest.mark.parametrize("at", [1e-4, 0.3, -2.0, 1500.0])
def test_slopes_of_smooth_functions(at: float) -> None:
    assert slope(np.sin, at).value == pytest.approx(np.cos(at), rel=1e-8, abs=1e-9)
    assert slope(lambda x: x * x * x, at).value == pytest.approx(3 * at**2, rel=1e-9)
    assert slope(lambda x: np.exp(x / 1000), at).value == pytest.approx(
        np.exp(at / 1000) / 1000, rel=1e-6
    )
    assert not slope(np.sin, at).missing


def test_next_to_a_kink_the_slope_is_that_of_one_side() -> None:
    assert slope(lambda x: np.maximum(x - 1.0, 0), 1.01).value == pytest.approx(1.0)
    assert slope(lambda x: np.maximum(x - 1.0, 0), 0.99).value == 0.0


def test_at_a_kink_there_is_none() -> None:
    at_kink = slope(lambda x: np.maximum(x - 1.0, 0), 1.0)
    assert at_kink.missing == "it has a kink here: the slope is 0 below, 1 above"


def test_integers_and_what_is_not_used_have_none() -> None:
    assert slope(lambda x: x * 1.0, 3).missing == "it is int64, not a real number"
    recorder = Recorder()
    with recorder.recording():
        x, z = (TracedArray(recorder.input(n, np.asarray(1.0))) for n in "xz")
        y = x * 2.0
    unused = difference(recorder.program(), z.index, (), of=y.index)
    assert unused.missing == "the loss is not computed from it"


def test_a_choice_that_would_change_is_no_slope() -> None:
    assert "decide otherwise" in slope(lambda x: x * 2 if x > 1 else x, 1.001).missing
