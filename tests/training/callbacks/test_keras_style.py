"""Callbacks written for Keras: the same class, the same calls and logs as in Keras's own loop."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from glassnet import Callback, Dense, EarlyStopping, GlassnetError, LambdaCallback, Model
from glassnet.training.callbacks import Record, Request

X = np.random.default_rng(0).normal(size=(10, 3))
Y = X[:, :1]


def model() -> Model:
    network = Model([Dense(1)], (3,))
    network.compile("sgd", "mse")
    return network


def noting(base: type) -> Any:
    """Return a callback written for Keras, of this base class, that notes its calls."""

    class Notes(base):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.calls: list[Any] = []

        def note(self, point: str, *arguments: Any) -> None:
            *place, logs = arguments
            self.calls.append((point, *place, sorted(logs or {})))

        def on_train_begin(self, logs: Any = None) -> None:
            super().on_train_begin(logs)
            self.note("train_begin", logs)

        def on_train_end(self, logs: Any = None) -> None:
            self.note("train_end", {name: logs[name] for name in logs if name != "more"})

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            super().on_epoch_begin(epoch, logs=logs)
            self.note("epoch_begin", epoch, logs)

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logs["more"] = 2 * logs["loss"]
            self.note("epoch_end", epoch, logs)

        def on_batch_begin(self, batch: int, logs: Any = None) -> None:
            self.note("batch_begin", batch, logs)

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.note("batch_end", batch, logs)

        def on_test_begin(self, logs: Any = None) -> None:
            self.note("test_begin", logs)

        def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
            self.note("test_batch_begin", batch, logs)

        def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
            self.note("test_batch_end", batch, logs)

        def on_test_end(self, logs: Any = None) -> None:
            self.note("test_end", logs)

        def on_predict_begin(self, logs: Any = None) -> None:
            self.note("predict_begin", logs)

        def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
            self.note("predict_batch_begin", batch, logs)

        def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
            assert logs["outputs"].shape[1] == 1
            self.note("predict_batch_end", batch, logs)

        def on_predict_end(self, logs: Any = None) -> None:
            self.note("predict_end", None)

    return Notes()


def calls(network: Any, callback: Any) -> tuple[list[Any], Any]:
    options = {"verbose": 0, "callbacks": [callback]}
    history = network.fit(X, Y, 4, 2, validation_data=(X[:6], Y[:6]), **options)
    network.evaluate(X, Y, batch_size=4, **options)
    network.predict(X, batch_size=4, **options)
    assert callback.params["epochs"] == 1
    return callback.calls, history


@pytest.mark.slow  # Keras is slow to import
def test_the_same_calls_as_by_keras() -> None:
    keras = pytest.importorskip("keras")
    theirs = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    theirs.compile("sgd", "mse")
    ours, history = calls(model(), noting(Callback))
    wanted, their_history = calls(theirs, noting(keras.callbacks.Callback))
    assert ours == wanted
    assert sorted(history.history) == sorted(their_history.history)
    assert history.history["more"] == [2 * loss for loss in history.history["loss"]]


def test_logs_of_a_batch_are_means_so_far_and_the_model_has_the_weights() -> None:
    losses: list[float] = []

    class Batches(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            losses.append(logs["loss"])
            weights.append(self.model.get_weights()[0])

    weights: list[Any] = []
    network = model()
    history = network.fit(X, Y, batch_size=4, verbose=0, callbacks=[Batches()])
    assert losses[-1] == history.history["loss"][0]
    assert len({w.tobytes() for w in weights}) == 3
    np.testing.assert_array_equal(weights[-1], network.get_weights()[0])


def test_a_class_of_keras_stops_the_training_and_sets_the_rate() -> None:
    class Mine(Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.model.optimizer.learning_rate = 0.1 / (epoch + 1)

        def on_epoch_end(self, epoch: int, logs: Any = None) -> int:
            if epoch == 2:
                self.model.stop_training = True
            return 7  # ignored, as by Keras

    network = model()
    history = network.fit(X, Y, epochs=9, verbose=0, callbacks=[Mine()])
    assert history.epoch == [0, 1, 2]
    assert network.history is history
    assert history.model is network
    assert history.params == {"verbose": 0, "epochs": 9, "steps": 1}
    assert network.optimizer is not None
    assert network.optimizer.learning_rate == pytest.approx(0.1 / 3)


class Mixin:
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Written for Keras."""


class Mixed(Mixin, Callback):  # type: ignore[misc]
    """Gets a method in Keras's style from a class that is no callback."""


class OfRecords(Callback):
    def on_epoch_end(self, record: Record) -> Request | None:
        return None

    def on_epoch_begin(self, moment: Record) -> None:
        """Any name of the record is fine."""


class Child(Mixed):
    def on_train_end(self, logs: Any = None) -> None:
        """In Keras's style."""


def test_the_style_is_that_of_each_method() -> None:
    assert not Callback.in_keras_style
    assert not OfRecords.in_keras_style
    assert not EarlyStopping.in_keras_style
    assert {"on_epoch_end"} == Mixed.in_keras_style
    assert {"on_epoch_end", "on_train_end"} == Child.in_keras_style


def test_a_method_of_records_is_not_overridden_in_keras_s_style() -> None:
    with pytest.raises(GlassnetError, match=r"class Mine.*super\(\)\.on_epoch_end\(record\)"):

        class Mine(EarlyStopping):
            def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # type: ignore[override]
                super().on_epoch_end(epoch, logs)  # type: ignore[call-arg, arg-type]


def test_logs_are_numbers() -> None:
    texts = LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(name="a"))
    with pytest.raises(GlassnetError, match=r"adds 'name' to the logs, which is not a number"):
        model().fit(X, Y, verbose=0, callbacks=[texts])
    arrays = LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(one=np.float32(1)))
    assert model().fit(X, Y, verbose=0, callbacks=[arrays]).history["one"] == [1.0]


@pytest.mark.parametrize("steps", [1, 3])
def test_segments_are_long_without_methods_for_batches(steps: int) -> None:
    """`on_segment_end` is called once for several steps, unless a callback needs each of them."""
    segments: list[int] = []

    class Segments(Callback):
        def on_segment_end(self, record: Record) -> None:
            segments.append(record.step)

    each = [LambdaCallback(on_train_batch_begin=lambda *_: None)] if steps == 1 else []
    callbacks: Sequence[Callback] = [Segments(), *each]
    x, y = np.tile(X, (50, 1)), np.tile(Y, (50, 1))
    model().fit(x, y, batch_size=5, verbose=0, callbacks=callbacks)
    assert (segments == [*range(1, 101)]) == (steps == 1)


def test_functions_for_evaluations_and_predictions() -> None:
    seen: list[Any] = []
    functions = LambdaCallback(
        on_test_end=lambda logs: seen.append(sorted(logs)),
        on_predict_batch_end=lambda batch, logs: seen.append((batch, logs["outputs"].shape)),
    )
    network = model()
    network.evaluate(X, Y, verbose=0, callbacks=functions)
    network.predict(X, batch_size=8, callbacks=[functions])
    assert seen == [["loss"], (0, (8, 1)), (1, (2, 1))]
    with pytest.raises(GlassnetError, match=r"LambdaCallback: unknown function 'on_test_ends'"):
        LambdaCallback(on_test_ends=print)


def test_a_misspelled_metric_is_named() -> None:
    with pytest.raises(GlassnetError, match=r"'val_los' are better. Did you mean 'val_loss'?"):
        EarlyStopping("val_los")
    with pytest.raises(GlassnetError, match=r"no 'los' to monitor.*Did you mean 'loss'?"):
        model().fit(X, Y, verbose=0, callbacks=[EarlyStopping("los", mode="min")])


@pytest.mark.parametrize("monitor", ["val_loss", "loss"])
def test_epochs_without_validation_are_skipped(monitor: str) -> None:
    stop = EarlyStopping(monitor, patience=1, baseline=-1.0)
    history = model().fit(
        X, Y, epochs=8, verbose=0, validation_data=(X, Y), validation_freq=2, callbacks=[stop]
    )
    assert len(history.epoch) == 8
    assert stop.best == min(v for v in history.history[monitor] if v == v)


def test_methods_that_come_after_the_class_get_keras_s_arguments() -> None:
    class Empty(Callback):
        pass

    calls: list[Any] = []

    def begin(self: Any, epoch: int, logs: Any = None) -> None:
        calls.append(epoch)

    setattr(Empty, "on_epoch_begin", begin)  # noqa: B010 (mypy allows no assignment)
    callback = Empty()
    vars(callback)["on_epoch_end"] = lambda epoch, logs: calls.append(sorted(logs))
    model().fit(X, Y, verbose=0, callbacks=callback)
    assert calls == [0, ["loss"]]
