"""LearningRateScheduler: a function of the epoch, or of epoch and rate."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.training.callbacks import LearningRateScheduler, Record
from tests.training.callbacks.played import rates


def test_functions_of_the_epoch_and_of_the_rate(capsys: pytest.CaptureFixture[str]) -> None:
    assert rates(LearningRateScheduler(lambda epoch: 0.5**epoch), [{}] * 3, 9.0) == [1, 0.5, 0.25]
    halving = LearningRateScheduler(lambda epoch, rate: rate / 2 if epoch else rate, verbose=1)
    assert rates(halving, [{}] * 3, 8.0) == [8, 4, 2]
    assert capsys.readouterr().err.splitlines()[1] == "epoch 2: learning rate 4"
    assert rates(LearningRateScheduler(lambda epoch: np.float32(0.5)), [{}], 1.0) == [0.5]


def test_the_history_gets_the_rate() -> None:
    record = Record(0, 1, learning_rate=0.25)
    ended = LearningRateScheduler(lambda epoch: 0.25).on_epoch_end(record)
    assert ended.logs == {"learning_rate": 0.25}


def test_a_function_s_own_error_is_not_hidden_and_what_is_no_float_is_refused() -> None:
    def broken(epoch: int, rate: float) -> float:
        raise TypeError("mine")

    with pytest.raises(TypeError, match="mine"):
        rates(LearningRateScheduler(broken), [{}], 1.0)
    with pytest.raises(GlassnetError, match=r"schedule\(0\) must return a float, got None"):
        rates(LearningRateScheduler(lambda epoch: None), [{}], 1.0)  # type: ignore[arg-type,return-value]
