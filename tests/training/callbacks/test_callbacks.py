"""Callbacks of a resumed training: bit for bit as without the interruption."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet.layers import Dense, Dropout
from glassnet.model.model import Model
from glassnet.optimizers import SGD
from glassnet.training.callbacks import (
    Callback,
    CSVLogger,
    EarlyStopping,
    LearningRateScheduler,
    ModelCheckpoint,
    Record,
    ReduceLROnPlateau,
)
from glassnet.training.callbacks.backup_and_restore import BackupAndRestore

RNG = np.random.default_rng(0)
X = RNG.standard_normal((60, 4)).astype("f4")
Y = (X[:, 0] > 0).astype(int)


class Interrupt(Callback):
    """Ctrl-C at the start of an epoch."""

    def __init__(self, epoch: int | None) -> None:
        self.epoch = epoch

    def on_epoch_begin(self, record: Record) -> None:
        if record.epoch == self.epoch:
            raise KeyboardInterrupt


def fitted(folder: Path, engine: str, first: list[Callback], at: int | None) -> tuple[Model, Any]:
    model = Model([Dense(8, "relu"), Dropout(0.2), Dense(2, "softmax")], (4,))
    model.compile(SGD(0.3), "sparse_categorical_crossentropy", ["accuracy"])
    backup = BackupAndRestore(folder)
    watchers = [*first, Interrupt(at), backup]
    history = model.fit(
        X, Y, 8, 8, verbose=0, validation_split=0.2, callbacks=watchers, engine=engine
    )
    return model, history


@pytest.mark.parametrize("at", [2, 3])  # the plateau waits, and rests
@pytest.mark.parametrize(
    ("kind", "engine"),
    [
        ("plateau", "numpy"),
        ("schedule", "numpy"),
        pytest.param(
            "plateau", "jax", marks=pytest.mark.skipif(not find_spec("jax"), reason="no JAX")
        ),
    ],
)
def test_rates_files_and_history_are_those_of_one_long_training(
    tmp_path: Path, kind: str, engine: str, at: int
) -> None:
    def chosen(name: str) -> list[Callback]:
        worse: dict[str, Any] = {"monitor": "loss", "mode": "max"}  # the first epoch is the best
        rates: dict[str, list[Callback]] = {
            "plateau": [
                ReduceLROnPlateau(factor=0.5, patience=2, cooldown=2, **worse),
                EarlyStopping(patience=9, restore_best_weights=True, **worse),
            ],
            "schedule": [LearningRateScheduler(lambda epoch, rate: rate * 0.9)],
        }
        best = ModelCheckpoint(tmp_path / name / "{epoch}.safetensors", save_best_only=True)
        return [*rates[kind], best, CSVLogger(tmp_path / f"{name}.csv")]

    per_dataset, expected = fitted(tmp_path / "a", engine, chosen("whole"), None)
    with pytest.raises(KeyboardInterrupt):
        fitted(tmp_path / "b", engine, chosen("parts"), at)
    resumed, found = fitted(tmp_path / "b", engine, chosen("parts"), None)
    assert found.history == expected.history
    assert len(set(found.history["learning_rate"])) > 1
    for a, b in zip(resumed.get_weights(), per_dataset.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert (tmp_path / "parts.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    files = {path.name: path.read_bytes() for path in (tmp_path / "whole").iterdir()}
    assert {path.name: path.read_bytes() for path in (tmp_path / "parts").iterdir()} == files
