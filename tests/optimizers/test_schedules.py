"""Schedules with Keras's own numbers."""

from itertools import pairwise

import pytest

from glassnet.errors import GlassnetError
from glassnet.optimizers import CosineDecay
from tests.reference import reference


@pytest.mark.parametrize("case", reference("schedules"), ids=lambda case: str(case["options"]))
def test_like_keras(case: dict) -> None:
    schedule = CosineDecay(**case["options"])
    rates = [schedule(step) for step in range(len(case["rates"]))]
    assert rates == pytest.approx(case["rates"], rel=1e-6, abs=1e-8)  # Keras computes in float32


def test_it_falls_to_alpha_and_stays() -> None:
    schedule = CosineDecay(2.0, 100, alpha=0.25)
    assert all(before > after for before, after in pairwise(map(schedule, range(101))))
    assert schedule(0) == 2.0
    assert schedule(100) == schedule(10**9) == 0.5


def test_refusals() -> None:
    with pytest.raises(GlassnetError, match="decay_steps must be ≥ 1, got 0"):
        CosineDecay(0.1, 0)
