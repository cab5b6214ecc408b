"""The training loop: its records, the order of examples, repetition and interruption."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.tensor_file import open_tensors, write_tensors
from glassnet.core.trees import items
from glassnet.layers import Dense, Dropout, Sequential
from glassnet.layers.regularizers import L1L2
from glassnet.model.model import Model
from glassnet.optimizers import SGD, Adam, ExponentialDecay
from glassnet.training import loop
from glassnet.training.callbacks import (
    Callback,
    EarlyStopping,
    LearningRateScheduler,
    Record,
    Request,
)
from glassnet.training.callbacks.backup_and_restore import BackupAndRestore
from glassnet.training.callbacks.callback_list import RESERVED
from glassnet.training.checkpoint import ROOM
from tests.reference import reference

RNG = np.random.default_rng(0)
X = RNG.standard_normal((50, 4)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)


def model(*layers: Any, seed: int = 0, optimizer: Any = "adam", dtype: str = "float32") -> Model:
    made = Model([*layers, Dense(3, "softmax")], input_shape=(4,), seed=seed, dtype=dtype)
    made.compile(optimizer, "sparse_categorical_crossentropy", ["accuracy"])
    return made


def fitted(made: Model, **options: Any) -> Model:
    made.fit(X, Y, verbose=0, **{"batch_size": 8, "epochs": 2} | options)
    return made


def assert_same_weights(a: Model, b: Model) -> None:
    for x, y in zip(a.get_weights(), b.get_weights(), strict=True):
        np.testing.assert_array_equal(x, y)


KERAS = reference("fits")


@pytest.mark.parametrize("run", KERAS["runs"], ids=lambda run: run["loss"])
def test_like_keras_s_own_loop(run: dict[str, Any]) -> None:
    """History, weights, predictions and evaluation: with penalties and a last partial batch."""
    layers = [Dense(5, "tanh", kernel_regularizer=L1L2(0.01, 0.02)), Dense(3, run["output"])]
    made = Model(layers, input_shape=(4,), dtype="float64")
    made.set_weights([np.array(w) for w in run["start"]])
    made.compile(Adam(0.05), run["loss"], ["accuracy"])
    x_val, y_val = np.array(KERAS["x_val"]), np.array(run["y_val"])
    history = made.fit(
        np.array(KERAS["x"]), np.array(run["y"]), batch_size=8, epochs=3, shuffle=False, verbose=0,
        validation_data=(x_val, y_val),
    )  # fmt: skip
    assert list(history.history) == run["keys"] == ["accuracy", "loss", "val_accuracy", "val_loss"]
    for name, values in history.history.items():
        assert values == pytest.approx(run["history"][name], rel=1e-6)
    for found, wanted in zip(made.get_weights(), run["end"], strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(made.predict(x_val), run["predicted"], rtol=1e-5, atol=1e-7)
    assert made.evaluate(x_val, y_val, verbose=0) == pytest.approx(run["evaluated"], rel=1e-6)


class Noting(Callback):
    """Notes the records that it gets."""

    def __init__(self) -> None:
        self.points: list[str] = []
        self.records: list[Record] = []

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("on_"):
            return super().__getattribute__(name)

        def note(record: Record) -> None:
            self.points.append(name)
            self.records.append(record)

        return note


def test_callbacks_are_told_everything_in_order() -> None:
    noting = Noting()
    fitted(model(), epochs=3, initial_epoch=1, callbacks=[noting], validation_split=0.2)
    counts = Counter(noting.points)
    assert noting.points[0] == "on_train_begin"
    assert noting.points[1] == "on_epoch_begin"
    assert noting.points[-2:] == ["on_epoch_end", "on_train_end"]
    assert counts["on_epoch_begin"] == counts["on_epoch_end"] == 2
    assert counts["on_segment_end"] >= 2
    ends = [r for p, r in zip(noting.points, noting.records, strict=True) if p == "on_epoch_end"]
    assert [(r.epoch, r.epochs, r.step, r.steps) for r in ends] == [(1, 3, 5, 5), (2, 3, 5, 5)]
    assert list(ends[0].logs) == ["accuracy", "loss", "val_accuracy", "val_loss"]
    segments = [r for p, r in zip(noting.points, noting.records, strict=True) if "segment" in p]
    assert [r.step for r in segments if r.epoch == 1][-1] == 5


@pytest.mark.filterwarnings("ignore:.*too small to change")
def test_epoch_means_weigh_every_example_alike() -> None:
    """With a rate of almost 0, the mean over batches of 8, ..., 8, 2 is the mean over all rows."""
    made = model(optimizer=SGD(1e-30), dtype="float64")
    loss, accuracy = made.evaluate(X, Y, verbose=0)
    history = made.fit(X, Y, batch_size=8, verbose=0).history
    assert history["loss"] == pytest.approx([loss], rel=1e-12)
    assert history["accuracy"] == pytest.approx([accuracy], rel=1e-12)


def test_the_last_partial_batch_trains() -> None:
    """Rows 48 and 49 are the last batch; without them, the weights are different."""
    per_dataset, cut = (model(optimizer=SGD(0.1)) for _ in range(2))
    per_dataset.fit(X, Y, batch_size=8, shuffle=False, verbose=0)
    cut.fit(X[:48], Y[:48], batch_size=8, shuffle=False, verbose=0)
    assert (per_dataset.get_weights()[0] != cut.get_weights()[0]).any()


def test_the_same_seed_gives_the_same_bits_and_another_seed_others() -> None:
    a, b = (fitted(model(Dense(6, "relu"), Dropout(0.3)), epochs=3) for _ in range(2))
    assert_same_weights(a, b)
    other = fitted(model(Dense(6, "relu"), Dropout(0.3), seed=1), epochs=3)
    assert (other.get_weights()[0] != a.get_weights()[0]).all()


def test_how_long_segments_are_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    long = fitted(model(Dropout(0.3)), epochs=3)
    monkeypatch.setattr(loop, "SEGMENT_SECONDS", 0.0)
    assert_same_weights(fitted(model(Dropout(0.3)), epochs=3), long)


@pytest.mark.filterwarnings("ignore:.*too small to change")
def test_shuffling_is_a_function_of_the_seed_and_differs_by_epoch() -> None:
    def losses(seed: int, shuffle: bool) -> list[float]:
        """With batches of one row and no learning, the first segment's loss tells the order."""
        seen: list[float] = []

        class First(Callback):
            def on_segment_end(self, record: Record) -> None:
                if record.step == 1:
                    seen.append(record.logs["loss"])

        made = model(optimizer=SGD(1e-30), seed=seed)
        for _ in range(6):  # only a training's first epoch begins with a segment of one step
            fitted(made, batch_size=1, shuffle=shuffle, callbacks=[First()])
        return seen

    assert losses(1, True) == losses(1, True)
    assert losses(1, True) != losses(2, True)
    assert len(set(losses(1, True))) > 3
    assert len(set(losses(1, False))) == 1


class Stopping(Callback):
    """Returns a request at the end of an epoch."""

    def __init__(self, at: int, request: Request) -> None:
        self.at, self.request = at, request

    def on_epoch_end(self, record: Record) -> Request | None:
        return self.request if record.epoch == self.at else None


def test_a_request_to_stop_ends_training_after_the_epoch() -> None:
    made = model()
    history = made.fit(
        X, Y, epochs=9, verbose=0, callbacks=[Stopping(2, Request(stop=True)), Callback()]
    )
    assert history.epoch == [0, 1, 2]
    assert_same_weights(made, fitted(model(), batch_size=32, epochs=3))


def test_the_best_weights_are_put_back() -> None:
    """Those at the end of the best epoch: neither of the first one nor of the last one."""
    made = model(optimizer=SGD(0.1))
    stopping = EarlyStopping("loss", patience=2, restore_best_weights=True)
    too_much = LearningRateScheduler(lambda epoch, _: 0.1 if epoch < 3 else 50.0)
    fitted(made, epochs=9, callbacks=[too_much, stopping])
    assert stopping.best_epoch == 2
    assert stopping.stopped_epoch == 4
    assert_same_weights(made, fitted(model(optimizer=SGD(0.1)), epochs=3))


def interrupting(point: str, epoch: int = 2) -> Callback:
    """A callback that is interrupted at this point of the third epoch, or another."""

    def interrupt(record: Record) -> None:
        if record.epoch == epoch:
            raise KeyboardInterrupt

    callback = Callback()
    setattr(callback, point, interrupt)
    return callback


@pytest.mark.parametrize(("point", "epochs"), [("on_epoch_begin", 2), ("on_epoch_end", 3)])
def test_an_interruption_keeps_what_was_learned(point: str, epochs: int) -> None:
    made = model()
    with pytest.raises(KeyboardInterrupt):
        fitted(made, epochs=9, callbacks=[interrupting(point)])
    assert_same_weights(made, fitted(model(), epochs=epochs))


def test_an_interruption_within_an_epoch_keeps_its_steps_and_training_goes_on() -> None:
    made = model()
    with pytest.raises(KeyboardInterrupt):
        fitted(made, epochs=9, callbacks=[interrupting("on_segment_end", epoch=0)])
    none, one = (fitted(model(), epochs=epochs) for epochs in (0, 1))
    for before in (none, one):
        assert (made.get_weights()[0] != before.get_weights()[0]).any()
    assert made.fit(X, Y, verbose=0).epoch == [0]


def test_two_trainings_are_one_long_one() -> None:
    """The optimizer state and the step count continue from fit to fit."""
    once, twice = fitted(model(Dropout(0.2)), epochs=4), fitted(model(Dropout(0.2)), epochs=2)
    assert_same_weights(fitted(twice, epochs=4, initial_epoch=2), once)


class _Sometimes(Callback):
    """Adds a number to every other epoch."""

    def on_epoch_end(self, record: Record) -> Request:
        return Request(logs={"f1": 0.5} if record.epoch % 2 else {})


def test_a_number_that_not_every_epoch_has_is_nan_in_the_others(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(8, 3)), rng.normal(size=(8, 1))
    for epochs in (3, 4):  # the second goes on where the first ended
        model = Model([Dense(1)])
        model.compile("sgd", "mse")
        backup = BackupAndRestore(tmp_path, delete_checkpoint=False)
        history = model.fit(x, y, 4, epochs, 0, callbacks=[_Sometimes(), backup])
    assert backup.restored is not None
    np.testing.assert_array_equal(history.history["f1"], [np.nan, 0.5, np.nan, 0.5])
    assert len(list(history.rows())) == 4


@pytest.mark.parametrize("name", RESERVED)
def test_a_number_cannot_have_a_name_that_is_taken(name: str) -> None:
    class Taking(Callback):
        def on_epoch_end(self, record: Record) -> Request:
            return Request(logs={name: 1.0})

    model = Model([Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(GlassnetError, match=f"Taking: adds '{name}' to the logs"):
        model.fit(np.ones((4, 2)), np.arange(4.0)[:, None], verbose=0, callbacks=[Taking()])


def test_a_position_beyond_its_epoch_is_refused(tmp_path: Path) -> None:
    """A forged checkpoint."""
    x, y = np.arange(16.0).reshape(8, 2) / 16, np.arange(8.0)[:, None]
    model = Model([Dense(1)])
    model.compile("sgd", "mse")
    model.fit(x, y, 4, 2, 0, callbacks=BackupAndRestore(tmp_path, delete_checkpoint=False))
    path = tmp_path / "checkpoint.safetensors"
    with open_tensors(path, "checkpoint", ROOM) as stored:
        header, tensors = stored.header, stored.read(stored.kinds)
    changed = header | {"epoch": 1, "epoch_step": 2, "count": 8}
    write_tensors(path, changed, tensors, "checkpoint", ROOM)
    with pytest.raises(GlassnetError, match="step 2 of an epoch of 2"):
        model.fit(x, y, 4, 2, 0, callbacks=BackupAndRestore(tmp_path))


def test_no_epochs_change_nothing() -> None:
    made = model()
    before = made.get_weights()
    history = made.fit(X, Y, epochs=0, verbose=0)
    assert history.history == {}
    for a, b in zip(made.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_callbacks_cannot_write_into_the_record() -> None:
    with pytest.raises(AttributeError):
        Record(0, 1).epoch = 3  # type: ignore[misc]


def test_a_bare_layer_trains_like_a_network_of_it() -> None:
    bare = Model(Dense(3, "softmax"), input_shape=(4,))
    bare.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    assert_same_weights(fitted(bare), fitted(model()))
    assert isinstance(model().network, Sequential)


class Rate(Callback):
    """Requests a learning rate at a point of the second epoch, and notes the rates of records."""

    def __init__(self, rate: float, point: str) -> None:
        self.rate, self.point = rate, point
        self.told: list[tuple[str, float]] = []

    def ask(self, point: str, record: Record) -> Request | None:
        self.told.append((point, record.learning_rate))
        asks = point == self.point and record.epoch == 1
        return Request(learning_rate=self.rate) if asks else None

    def on_train_begin(self, record: Record) -> Request | None:
        return self.ask("train begins", record)

    def on_epoch_begin(self, record: Record) -> Request | None:
        return self.ask("epoch begins", record)

    def on_epoch_end(self, record: Record) -> Request | None:
        return self.ask("epoch ends", record)


def test_a_callback_sets_the_rate_of_the_steps_to_come() -> None:
    asking, made = Rate(0.02, "epoch ends"), model(optimizer=SGD(0.1))
    fitted(made, epochs=3, callbacks=[asking])
    by_hand = fitted(model(optimizer=SGD(0.1)), epochs=2)
    by_hand.optimizer.learning_rate = 0.02
    fitted(by_hand, epochs=3, initial_epoch=2)
    assert_same_weights(made, by_hand)
    rates = [0.1, 0.1, 0.1, 0.1, 0.1, 0.02, 0.02]
    points = ["train begins"] + ["epoch begins", "epoch ends"] * 3
    assert asking.told == list(zip(points, rates, strict=True))
    at_once = Rate(0.0, "epoch begins")
    assert_same_weights(
        fitted(model(optimizer=SGD(0.1)), epochs=1),
        fitted(model(optimizer=SGD(0.1)), epochs=2, callbacks=[at_once]),
    )


def test_records_tell_a_schedule_s_rate_and_callbacks_cannot_set_it() -> None:
    schedule = ExponentialDecay(0.1, 1, 0.5)
    watching = Rate(0.1, "never")
    fitted(model(optimizer=SGD(schedule)), batch_size=25, callbacks=[watching])  # of two steps
    assert [rate for _, rate in watching.told] == [0.1, 0.1, 0.05, 0.025, 0.0125]
    with pytest.raises(GlassnetError, match=r"Rate: requests .* 0.3, but ExponentialDecay sets"):
        fitted(model(optimizer=SGD(schedule)), callbacks=[Rate(0.3, "epoch begins")])


@pytest.mark.parametrize("rate", [-0.1, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(GlassnetError, match="Rate: requests an invalid learning rate of"):
        fitted(model(), callbacks=[Rate(rate, "epoch begins")])


class Adding(Callback):
    """Adds a number to the logs of each epoch, and reads the model."""

    def __init__(self) -> None:
        self.models: list[Any] = []

    def on_epoch_end(self, record: Record) -> Request:
        self.models.append(record.model())
        return Request(logs={"epoch_squared": float(record.epoch**2)})


def test_numbers_that_a_callback_adds_reach_later_callbacks_and_the_history() -> None:
    noting, made = Noting(), model()
    history = made.fit(X, Y, epochs=3, verbose=0, callbacks=[Noting(), Adding(), noting])
    assert history.history["epoch_squared"] == [0, 1, 4]
    ends = [r for p, r in zip(noting.points, noting.records, strict=True) if p == "on_epoch_end"]
    assert [record.logs["epoch_squared"] for record in ends] == [0, 1, 4]
    assert [record.examples for record in ends] == [50, 50, 50]


def test_a_record_s_model_is_a_copy_of_what_there_is_when_it_is_asked() -> None:
    adding, made = Adding(), model(Dropout(0.3))
    fitted(made, epochs=2, callbacks=[adding])
    one = fitted(model(Dropout(0.3)), epochs=1)
    for file, expected in zip(adding.models, (one, made), strict=True):
        weights = [leaf for _, leaf in items(file.params)]
        for a, b in zip(weights, expected.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
        weights[0][:] = 9.0  # of no consequence
    assert_same_weights(made, fitted(model(Dropout(0.3)), epochs=2))
    with pytest.raises(GlassnetError, match="no model in this record"):
        Record(0, 1).model()


def test_a_stop_between_segments_ends_the_epoch_there() -> None:
    class AtOnce(Callback):
        def on_segment_end(self, record: Record) -> Request:
            return Request(stop=True)

    noting, made = Noting(), model(optimizer=SGD(0.1))
    history = made.fit(
        X, Y, batch_size=8, epochs=5, verbose=0, shuffle=False, callbacks=[AtOnce(), noting],
        validation_data=(X, Y),
    )  # fmt: skip
    assert history.epoch == [0]
    assert noting.points[-2:] == ["on_epoch_end", "on_train_end"]
    assert (noting.records[-1].step, noting.records[-1].examples) == (1, 8)
    alone = model(optimizer=SGD(0.1))
    alone.fit(X[:8], Y[:8], batch_size=8, verbose=0, shuffle=False)
    assert_same_weights(made, alone)


def test_with_averages_it_is_they_that_are_validated() -> None:
    made = model(optimizer=SGD(0.5, use_ema=True, ema_momentum=0.9))
    history = made.fit(X, Y, batch_size=8, verbose=0, validation_data=(X, Y)).history
    loss, accuracy = made.evaluate(X, Y, verbose=0)  # of the averages, with which training ends
    assert history["val_loss"] == pytest.approx([loss])
    assert history["val_accuracy"] == pytest.approx([accuracy])
