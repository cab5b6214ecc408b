"""Callbacks beside Keras's own: their arguments, their decisions, and who does the work here."""

import inspect
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import glassnet as g
from glassnet.interop.keras import export as bridge
from glassnet.training import callbacks as ours
from glassnet.training.callbacks import Callback, Record
from tests.interop.keras.on_backend import BACKEND
from tests.training.callbacks.played import rates

# What we have no use for: Keras's graphs, images, profiler and embeddings.
LEFT_OUT = {
    "write_graph", "write_images", "profile_batch", "embeddings_freq", "embeddings_metadata",
    "kwargs", "self",
}  # fmt: skip
NAMES = [name for name in ours.__all__ if name in dir(keras.callbacks) and name != "Callback"]
LOSSES = st.lists(st.sampled_from([0.1, 0.3, 0.4, 0.5, 0.50005, 1.0]), min_size=1, max_size=12)


def arguments(made: Any) -> dict[str, Any]:
    found = inspect.signature(made.__init__).parameters
    return {name: one.default for name, one in found.items() if name not in LEFT_OUT}


@pytest.mark.parametrize("name", [*NAMES, "BackupAndRestore"])
def test_names_arguments_and_defaults_are_keras_s(name: str) -> None:
    mine = arguments(getattr(g, name))
    theirs = arguments(getattr(keras.callbacks, name))
    assert {key: mine[key] for key in theirs} == theirs
    assert list(mine)[: len(theirs)] == list(theirs)


def test_every_one_is_there() -> None:
    assert set(NAMES) == {
        "CSVLogger", "EarlyStopping", "LambdaCallback", "LearningRateScheduler", "ModelCheckpoint",
        "ReduceLROnPlateau", "TensorBoard", "TerminateOnNaN",
    }  # fmt: skip


class Scripted:
    """What Keras's callbacks need of a model."""

    def __init__(self, rate: float = 0.5) -> None:
        self.optimizer = SimpleNamespace(learning_rate=np.float32(rate))
        self.stop_training = False


def told(callback: Any, epochs: list[dict[str, float]]) -> tuple[list[float], int]:
    """Keras's callback: the rate of each epoch, and how many there were."""
    model, found = Scripted(), []
    callback.set_model(model)
    callback.on_train_begin({})
    for epoch, logs in enumerate(epochs):
        callback.on_epoch_begin(epoch, {})
        found.append(float(model.optimizer.learning_rate))
        callback.on_epoch_end(epoch, dict(logs))
        if model.stop_training:
            break
    callback.on_train_end({})
    return found, len(found)


@settings(max_examples=30)
@given(
    losses=LOSSES, patience=st.integers(0, 3), cooldown=st.integers(0, 2),
    min_delta=st.sampled_from([0.0, 1e-4, 0.1]), mode=st.sampled_from(["auto", "min", "max"]),
)  # fmt: skip
def test_reduce_lr_on_plateau_sets_keras_s_rates(losses: list[float], **options: Any) -> None:
    options |= {"factor": 0.3, "min_lr": 0.01}
    epochs = [{"val_loss": loss} for loss in losses]
    theirs, _ = told(keras.callbacks.ReduceLROnPlateau(**options), epochs)
    assert rates(g.ReduceLROnPlateau(**options), epochs, 0.5) == pytest.approx(theirs, rel=1e-6)


@settings(max_examples=30)
@given(
    losses=LOSSES, patience=st.integers(0, 3), min_delta=st.sampled_from([0.0, 1e-4, 0.1]),
    mode=st.sampled_from(["auto", "min", "max"]), baseline=st.sampled_from([None, 0.35]),
    start_from_epoch=st.integers(0, 2),
)  # fmt: skip
def test_early_stopping_stops_where_keras_does(losses: list[float], **options: Any) -> None:
    theirs = keras.callbacks.EarlyStopping(**options)
    _, count = told(theirs, [{"val_loss": loss} for loss in losses])
    mine, epochs = g.EarlyStopping(**options), 0
    mine.on_train_begin(Record(0, len(losses)))
    for epoch, loss in enumerate(losses):
        epochs += 1
        asked = mine.on_epoch_end(Record(epoch, len(losses), logs={"val_loss": loss}))
        if asked and asked.stop:
            break
    assert (epochs, mine.stopped_epoch) == (count, theirs.stopped_epoch)


def by_epoch(epoch: int) -> float:
    return 0.5 / (1 + epoch)


def by_rate(epoch: int, rate: float) -> float:
    return rate * 0.7 if epoch else rate


@pytest.mark.parametrize("schedule", [by_epoch, by_rate])
def test_learning_rate_scheduler_sets_keras_s_rates(schedule: Any) -> None:
    epochs: list[dict[str, float]] = [{}] * 5
    theirs, _ = told(keras.callbacks.LearningRateScheduler(schedule), epochs)
    assert rates(g.LearningRateScheduler(schedule), epochs, 0.5) == pytest.approx(theirs, rel=1e-6)


@pytest.mark.parametrize("names", [("loss",), ("loss", "val_loss", "accuracy")])
def test_csv_logger_writes_keras_s_file(names: tuple[str, ...], tmp_path: Path) -> None:
    epochs = [dict.fromkeys(names, epoch + 1 / 3) for epoch in range(3)]
    told(keras.callbacks.CSVLogger(str(tmp_path / "theirs.csv"), ";"), epochs)
    mine = g.CSVLogger(tmp_path / "mine.csv", ";")
    mine.on_train_begin(Record(0, 3))
    for epoch, logs in enumerate(epochs):
        mine.on_epoch_end(Record(epoch, 3, logs=logs))
    assert (tmp_path / "mine.csv").read_bytes() == (tmp_path / "theirs.csv").read_bytes()


RNG = np.random.default_rng(0)
X = RNG.standard_normal((96, 4)).astype("f4")
Y = (X[:, 0] > 0).astype(int)


def fitted(*callbacks: Callback, optimizer: Any = None, epochs: int = 4) -> tuple[g.Model, Any]:
    model = g.Model([g.Dense(3, "softmax")], (4,))
    model.compile(optimizer or g.SGD(0.5), "sparse_categorical_crossentropy")
    history = bridge.fit(
        model, X, Y, backend=BACKEND, epochs=epochs, validation_data=(X, Y), callbacks=callbacks
    )
    return model, history.history


class Rates(Callback):
    """The learning rate that each epoch ended with."""

    def __init__(self) -> None:
        self.seen: list[float] = []

    def on_epoch_end(self, record: Record) -> None:
        self.seen.append(record.learning_rate)


def test_keras_s_own_set_the_rates_and_records_and_histories_tell_them() -> None:
    watching, plateau = Rates(), g.ReduceLROnPlateau(patience=1, factor=0.5, min_delta=9.0)
    _, history = fitted(plateau, watching)
    assert history["learning_rate"] == pytest.approx([0.5, 0.5, 0.25, 0.125])
    assert watching.seen == pytest.approx(history["learning_rate"])
    assert plateau.best == pytest.approx(history["val_loss"][0])
    watching = Rates()
    _, history = fitted(g.LearningRateScheduler(by_epoch), watching)
    assert watching.seen == pytest.approx([by_epoch(epoch) for epoch in range(4)])
    assert watching.seen == pytest.approx(history["learning_rate"])


def test_files_are_written_and_numbers_added_on_this_engine_too(tmp_path: Path) -> None:
    class Adding(Callback):
        def on_epoch_end(self, record: Record) -> ours.Request:
            return ours.Request(logs={"twice": 2 * record.logs["loss"]})

    model, history = fitted(
        Adding(),
        g.ModelCheckpoint(tmp_path / "{epoch}.safetensors"),
        g.CSVLogger(tmp_path / "log.csv"),
    )
    assert history["twice"] == pytest.approx([2 * loss for loss in history["loss"]])
    for epoch in range(1, 5):
        loss = g.Model.load(tmp_path / f"{epoch}.safetensors").evaluate(X, Y, verbose=0)
        assert loss == pytest.approx(history["val_loss"][epoch - 1], rel=1e-4)
    for a, b in zip(
        g.Model.load(tmp_path / "4.safetensors").get_weights(), model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(a, b)
    assert (tmp_path / "log.csv").read_text().startswith("epoch,loss,val_loss\n")


def test_time_ends_an_epoch_which_is_validated() -> None:
    _, history = fitted(g.MaxTime(1e-9))
    assert len(history["val_loss"]) == 1


def test_what_keras_would_only_warn_of_or_fail_at_later_is_refused(tmp_path: Path) -> None:
    with pytest.raises(g.GlassnetError, match="ReduceLROnPlateau: there is no 'val_f1' to monitor"):
        fitted(g.ReduceLROnPlateau("val_f1"))
    decay = g.SGD(g.optimizers.ExponentialDecay(0.1, 1, 0.5))
    for callback in (g.ReduceLROnPlateau(), g.LearningRateScheduler(by_epoch)):
        with pytest.raises(g.GlassnetError, match="but ExponentialDecay sets"):
            fitted(callback, optimizer=decay)
    with pytest.raises(g.GlassnetError, match=r"nowhere.*can't be written"):
        fitted(g.CSVLogger(tmp_path / "nowhere" / "a.csv"))
