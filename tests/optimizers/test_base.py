"""Rates, names and flushing."""

import numpy as np
import pytest

from glassnet import configs, optimizers
from glassnet.optimizers import SGD, Adam, CosineDecay, RMSprop
from glassnet.optimizers.base import flush


def test_names_and_defaults_are_keras_s() -> None:
    assert configs.names("optimizer") == ["adam", "rmsprop", "sgd"]
    assert optimizers.get("adam") == Adam(0.001, 0.9, 0.999, 1e-7)
    assert optimizers.get("rmsprop") == RMSprop(0.001, 0.9, 0.0, 1e-7, False)
    assert optimizers.get("sgd") == SGD(0.01, 0.0, False)


@pytest.mark.parametrize("rate", [0.5, np.float64(0.5), np.float32(0.5)])
def test_the_rate_is_a_plain_number(rate: float) -> None:
    assert type(SGD(rate).rate(3)) is float
    assert SGD(rate).rate(3) == 0.5


def test_the_rate_follows_a_schedule() -> None:
    schedule = CosineDecay(0.1, 10)
    assert [Adam(schedule).rate(step) for step in (0, 5, 10)] == [schedule(s) for s in (0, 5, 10)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_flush_takes_away_denormals_and_nothing_else(dtype: str) -> None:
    slot = np.array([1e-31, -1e-31, 1e-40, 0, 1e-29, -1e-29, 5, -np.inf], dtype)
    flushed = flush(slot)
    assert flushed.dtype == dtype
    np.testing.assert_array_equal(flushed, [0, 0, 0, 0, *slot[4:]])
