"""`Unfreeze`: two trainings in one."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.doctor.findings import DoctorWarning
from glassnet.layers import BatchNormalization, Dense, Dropout
from glassnet.model.model import Model
from glassnet.optimizers import SGD, Adam, CosineDecay
from glassnet.training.callbacks import Callback, EarlyStopping, Record, Unfreeze
from glassnet.training.callbacks.backup_and_restore import BackupAndRestore

RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 5)).astype("float32")
Y = np.arange(24) % 3


def model(optimizer: Any = None) -> Model:
    made = Model(
        [Dense(8, "relu"), BatchNormalization(), Dropout(0.2), Dense(3, "softmax")], (5,), seed=1
    )
    made.layers[0].trainable = made.layers[1].trainable = False
    made.compile(optimizer or Adam(CosineDecay(0.05, 12)), "sparse_categorical_crossentropy")
    return made


ENDED = pytest.mark.filterwarnings("ignore:weight .* does not move")  # at the end of the schedule


class Killed(Callback):
    """Ends a training at a step as no training ends by itself."""

    def __init__(self, epoch: int, step: int) -> None:
        self.at = epoch, step

    def on_train_batch_end(self, record: Record) -> None:
        if (record.epoch, record.step) == self.at:
            raise RuntimeError


def fitted(made: Model, *callbacks: Callback, epochs: int = 4, **options: Any) -> Model:
    made.fit(X, Y, batch_size=8, epochs=epochs, verbose=0, callbacks=[*callbacks], **options)
    return made


def bits(made: Model) -> list[bytes]:
    return [weight.tobytes() for weight in made.get_weights()]


def test_it_equals_two_trainings_without_momentum() -> None:
    """With plain SGD there is no optimizer state, so a second `compile` is the same."""
    two = fitted(model(SGD(0.1)), epochs=2)
    start = bits(model())
    assert bits(two)[:6] == start[:6]  # the frozen layers, with their statistics
    step = two._step
    two.trainable = True
    two.compile(SGD(0.1), "sparse_categorical_crossentropy")
    two._step = step  # of random numbers and of the order of the examples
    fitted(two, initial_epoch=2)
    assert bits(fitted(model(SGD(0.1)), Unfreeze(2))) == bits(two)


@ENDED
def test_all_layers_are_trainable_afterwards_and_a_later_fit_goes_on() -> None:
    made = fitted(model(), Unfreeze(2))
    assert made.frozen_layers == frozenset()
    assert len(made.trainable_weights) == 6
    fitted(made, epochs=1)


@ENDED
def test_without_its_epoch_the_layers_stay_frozen() -> None:
    with pytest.warns(DoctorWarning, match="training ends after 4 epochs"):
        made = fitted(model(), Unfreeze(9))
    assert bits(made)[:6] == bits(model())[:6]
    assert bits(fitted(made, epochs=1))[:6] == bits(model())[:6]  # with a part of the slots


@pytest.mark.parametrize("at", [(1, 2), (1, 3), (2, 1), (2, 3), (3, 1)])
def test_an_interrupted_training_ends_in_the_same_bits(at: tuple[int, int], tmp_path: Path) -> None:
    def callbacks(killed: tuple[int, int]) -> list[Callback]:
        stop = EarlyStopping("loss", patience=9, restore_best_weights=True)
        return [Unfreeze(2), stop, Killed(*killed), BackupAndRestore(tmp_path, 1, False, False)]

    with pytest.raises(RuntimeError):
        fitted(model(), *callbacks(at))
    resumed = fitted(model(), *callbacks((9, 9)))
    whole = fitted(
        model(), Unfreeze(2), EarlyStopping("loss", patience=9, restore_best_weights=True)
    )
    assert bits(resumed) == bits(whole)
    assert resumed._began == whole._began
    assert len(resumed.trainable_weights) == 6


def test_it_needs_an_epoch_and_takes_effect_once() -> None:
    with pytest.raises(GlassnetError, match="epoch"):
        Unfreeze(0)
    with pytest.raises(GlassnetError, match="only once"):
        fitted(model(), Unfreeze(1), Unfreeze(2))
