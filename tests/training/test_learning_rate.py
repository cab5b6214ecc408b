"""The learning rate of a step: the optimizer's, or one that a callback requested."""

from pathlib import Path

import numpy as np
import pytest

from glassnet import (
    BackupAndRestore,
    Callback,
    Dense,
    LambdaCallback,
    LearningRateScheduler,
    Model,
    ReduceLROnPlateau,
)
from glassnet.core.errors import GlassnetError
from glassnet.optimizers import SGD, ExponentialDecay
from glassnet.training.callbacks import Record
from glassnet.training.learning_rate import Rates


def test_the_optimizer_s_until_another_is_asked_for() -> None:
    rates = Rates(SGD(0.1))
    assert rates(0) == rates(7) == 0.1
    rates.set(0, "somebody")
    assert rates(0) == rates(7) == 0.0


def test_a_schedule_is_neither_set_nor_replaced_in_training() -> None:
    for first, then in (
        (0.1, ExponentialDecay(0.1, 10, 0.9)),
        (ExponentialDecay(0.1, 10, 0.9), 0.1),
        (ExponentialDecay(0.1, 10, 0.9), ExponentialDecay(0.1, 20, 0.9)),
    ):
        m = model(SGD(first))

        replacing = LambdaCallback(
            on_epoch_end=lambda epoch, logs, m=m, rate=then: setattr(
                m.optimizer, "learning_rate", rate
            )
        )
        with pytest.raises(GlassnetError, match="schedule can't be set or replaced"):
            m.fit(X, Y, epochs=2, verbose=0, callbacks=[replacing])


def test_a_rate_that_is_set_ends_a_pause() -> None:
    optimizer = SGD(0.1)
    rates = Rates(optimizer)
    rates.set(0.0, "callback")
    assert rates(0) == 0.0
    optimizer.learning_rate = 0.1  # as it was
    assert rates(1) == 0.1


def test_a_schedule_is_left_alone() -> None:
    rates = Rates(SGD(ExponentialDecay(0.1, 1, 0.5)))
    with pytest.raises(GlassnetError, match="somebody: requests a learning rate of 1, but"):
        rates.set(1, "somebody")
    assert rates(1) == 0.05


def test_a_rate_stays_with_the_optimizer_and_0_does_not() -> None:
    rates = Rates(optimizer := SGD(0.1))
    assert rates.changed is None
    rates.set(0.02, "somebody")
    assert optimizer.learning_rate == rates.changed == rates(0) == 0.02
    rates.set(0, "somebody")
    assert (rates(0), rates.changed, optimizer.learning_rate) == (0.0, 0.0, 0.02)
    optimizer.set_learning_rate(0.5)  # what is set last counts
    assert rates(0) == rates.changed == 0.5


X, Y = np.random.default_rng(0).normal(size=(40, 4)), np.arange(40) % 3


def model(optimizer: SGD | None = None) -> Model:
    m = Model([Dense(3, "softmax")], input_shape=(4,))
    m.compile(optimizer or SGD(0.1), "sparse_categorical_crossentropy")
    return m


class Halving(Callback):
    """Halves the rate after each epoch, through the model's optimizer."""

    def __init__(self) -> None:
        self.rates: list[float] = []

    def on_epoch_end(self, record: Record) -> None:
        self.rates.append(record.learning_rate)
        self.model.optimizer.learning_rate /= 2


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_the_next_fit_continues_with_the_rate_that_a_callback_set(engine: str) -> None:
    m, halving = model(), Halving()
    for epochs in (2, 1, 1):
        m.fit(X, Y, epochs=epochs, verbose=0, callbacks=[halving], engine=engine)
    assert halving.rates == [0.1, 0.05, 0.025, 0.0125]
    plateau = ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=9)
    before = m.optimizer.learning_rate
    m.fit(X, Y, epochs=3, verbose=0, callbacks=[plateau], engine=engine)
    assert m.optimizer.learning_rate == before / 4


class Failing(Callback):
    """Ends the training with an error after an epoch."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def on_epoch_end(self, record: Record) -> None:
        if record.epoch == self.epoch:
            raise RuntimeError


@pytest.mark.parametrize("again", [False, True])  # in the same process, or with a new model
def test_a_training_whose_rate_a_callback_set_resumes(again: bool, tmp_path: Path) -> None:
    def fit(m: Model, fail: int = -1, epochs: int = 4) -> Model:
        scheduler = LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))
        backup = BackupAndRestore(tmp_path, delete_checkpoint=False)
        m.fit(X, Y, epochs=epochs, verbose=0, callbacks=[scheduler, backup, Failing(fail)])
        return m

    m = model()
    with pytest.raises(RuntimeError):
        fit(m, fail=2)
    resumed = fit(m if again else model())
    assert resumed.optimizer.learning_rate == 0.025
    assert fit(resumed, epochs=5).optimizer.learning_rate == 0.02
    whole = model()
    scheduler = LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))
    whole.fit(X, Y, epochs=5, verbose=0, callbacks=[scheduler])
    for a, b in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_stop_training_ends_the_epoch_and_the_next_fit_goes_on(engine: str) -> None:
    class Stopping(Callback):
        def on_epoch_end(self, record: Record) -> None:
            self.model.stop_training = record.epoch == 1

    m = model()
    assert m.fit(X, Y, epochs=5, verbose=0, callbacks=[Stopping()], engine=engine).epoch == [0, 1]
    assert m.stop_training
    assert len(m.fit(X, Y, epochs=3, verbose=0, engine=engine).epoch) == 3
    stop = LambdaCallback(on_epoch_begin=lambda epoch, logs: setattr(m, "stop_training", epoch > 0))
    assert len(m.fit(X, Y, epochs=9, verbose=0, callbacks=[stop], engine=engine).epoch) == 2


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_a_callback_can_read_the_weights_of_the_model_but_not_change_them(engine: str) -> None:
    m, outputs = model(), []

    class Using(Callback):
        def on_epoch_end(self, record: Record) -> None:
            outputs.append(self.model.predict(X))
            for change in (
                lambda: self.model.set_weights(self.model.get_weights()),
                lambda: self.model.fit(X, Y, verbose=0),
            ):
                with pytest.raises(GlassnetError, match="is being trained, or shares layers"):
                    change()

    m.fit(X, Y, epochs=2, verbose=0, callbacks=[Using()], engine=engine)
    assert not np.array_equal(*outputs)
    np.testing.assert_array_equal(outputs[-1], m.predict(X))
    m.set_weights(m.get_weights())
