"""The learning rate of a step: the optimizer's, or one that a callback requested."""

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.optimizers import SGD, ExponentialDecay
from glassnet.training.learning_rate import Rates


def test_the_optimizer_s_until_another_is_asked_for() -> None:
    rates = Rates(SGD(0.1))
    assert rates(0) == rates(7) == 0.1
    rates.set(0, "somebody")
    assert rates(0) == rates(7) == 0.0


def test_a_schedule_is_left_alone() -> None:
    rates = Rates(SGD(ExponentialDecay(0.1, 1, 0.5)))
    with pytest.raises(GlassnetError, match="somebody: requests a learning rate of 1, but"):
        rates.set(1, "somebody")
    assert rates(1) == 0.05
