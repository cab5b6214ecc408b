"""Training by Keras: history, callbacks, interrupts, and what the model has learned after it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as g
from glassnet import losses
from glassnet.interop.keras import export as bridge
from glassnet.metrics import TopKCategoricalAccuracy
from glassnet.runs.settings import Settings
from glassnet.runs.train import run_training
from glassnet.training.callbacks import Callback, EarlyStopping, Record, Request
from tests.interop.keras.on_backend import BACKEND, rows

every_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


class Spy(Callback):
    """Writes down all that it is told; asks to stop at the end of epoch 1."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, Record]] = []

    def on_train_begin(self, record: Record) -> None:
        self.seen.append(("train begins", record))

    def on_epoch_begin(self, record: Record) -> None:
        self.seen.append(("epoch begins", record))

    def on_segment_end(self, record: Record) -> None:
        self.seen.append(("segment ends", record))

    def on_epoch_end(self, record: Record) -> Request:
        self.seen.append(("epoch ends", record))
        return Request(stop=record.epoch == 1)

    def on_train_end(self, record: Record) -> None:
        self.seen.append(("train ends", record))


@pytest.fixture(scope="module")
def digits() -> tuple[Any, Any]:
    from sklearn.datasets import load_digits

    found = load_digits()
    return found.images.astype(np.uint8), found.target


def digits_model(dtype: str = "float32") -> g.Model:
    layers = [g.Flatten(), g.Normalization(), g.Dense(32, "relu"), g.Dropout(0.1)]
    model = g.Model([*layers, g.Dense(10, "softmax")], (8, 8), dtype=dtype)
    model.compile(g.Adam(0.003), "sparse_categorical_crossentropy", ["accuracy"])
    return model


@every_dtype
def test_keras_trains_our_model(dtype: str, digits: tuple[Any, Any]) -> None:
    x, y = digits
    model, spy = digits_model(dtype), Spy()
    history = bridge.fit(
        model, x[:1500], y[:1500], backend=BACKEND, batch_size=32, epochs=9,
        validation_data=(x[1500:], y[1500:]), callbacks=[spy],
    )  # fmt: skip
    assert history.epoch == [0, 1]
    assert list(history.history) == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert {w.dtype for w in model.get_weights()} == {np.dtype(dtype)}
    loss, accuracy = model.evaluate(x[1500:], y[1500:], verbose=0)
    assert accuracy > 0.8
    assert loss == pytest.approx(history.history["val_loss"][-1], rel=1e-5)
    assert accuracy == pytest.approx(history.history["val_accuracy"][-1])
    points = [point for point, _ in spy.seen if point != "segment ends"]
    each = ["epoch begins", "epoch ends"]
    assert points == ["train begins", *each, *each, "train ends"]
    segments = [record for point, record in spy.seen if point == "segment ends"]
    assert segments[-1].step == segments[-1].steps == 47
    assert set(segments[-1].logs) == {"accuracy", "loss"}
    ends = [record for point, record in spy.seen if point == "epoch ends"]
    assert [record.epoch for record in ends] == [0, 1]
    assert dict(ends[1].logs) == {name: values[1] for name, values in history.history.items()}


def test_statistics_and_what_a_graph_learned_come_back(digits: tuple[Any, Any]) -> None:
    x, y = digits
    image, side = g.layers.Input((8, 8)), g.layers.Input((2,))
    h = g.layers.BatchNormalization()(g.Dense(16, "relu")(g.Flatten()(image)))
    h = g.layers.Residual((g.Dense(16, "tanh"), g.layers.BatchNormalization()))(h)
    ends = g.Dense(10, "softmax")(g.layers.Concatenate()(h, side))
    model = g.Model(g.layers.Graph.between([image, side], ends), [(8, 8), (2,)])
    model.compile(g.Adam(0.01), "sparse_categorical_crossentropy", ["accuracy"])
    inputs = (x / 16, np.ones((len(x), 2)))
    history = bridge.fit(
        model, inputs, y, backend=BACKEND, epochs=3, validation_data=(inputs, y)
    ).history
    found = model.evaluate(inputs, y, verbose=0, return_dict=True)
    assert isinstance(found, dict)
    assert found["accuracy"] > 0.8
    assert found["loss"] == pytest.approx(history["val_loss"][-1], rel=1e-4)


def test_the_same_seed_gives_the_same_training(digits: tuple[Any, Any]) -> None:
    x, y = digits
    runs = [bridge.fit(digits_model(), x, y, backend=BACKEND).history for _ in range(2)]
    assert runs[0] == runs[1]


def test_checkpoints_are_refused(digits: tuple[Any, Any], tmp_path: Path) -> None:
    backup = g.BackupAndRestore(tmp_path)
    with pytest.raises(g.GlassnetError, match=r"does not keep the order.*numpy.*jax"):
        bridge.fit(digits_model(), *digits, backend=BACKEND, callbacks=[backup])


def test_a_callback_sets_the_rate_of_the_steps_to_come(digits: tuple[Any, Any]) -> None:
    class Freezing(Callback):
        def __init__(self) -> None:
            self.rates: list[float] = []

        def on_segment_end(self, record: Record) -> Request:
            self.rates.append(record.learning_rate)
            return Request(learning_rate=0.0)

    def fitted(rows: int, rate: Any, *callbacks: Callback) -> list[Any]:
        model = g.Model([g.Flatten(), g.Dense(10, "softmax")], (8, 8))
        model.compile(g.SGD(rate), "sparse_categorical_crossentropy")
        x, y = digits[0][:rows], digits[1][:rows]
        bridge.fit(model, x, y, backend=BACKEND, shuffle=False, callbacks=callbacks)
        return model.get_weights()

    freezing = Freezing()  # after the first step
    for many, one in zip(fitted(320, 0.01, freezing), fitted(32, 0.01), strict=True):
        np.testing.assert_array_equal(many, one)
    assert freezing.rates[0] == 0.01
    assert freezing.rates[-1] == 0.0
    with pytest.raises(g.GlassnetError, match=r"Freezing: requests a .* 0\.0, but"):
        fitted(64, g.optimizers.ExponentialDecay(0.1, 1, 0.5), Freezing())


def test_early_stopping_is_keras_s(digits: tuple[Any, Any]) -> None:
    x, y = digits
    model, stopper = digits_model(), EarlyStopping(patience=1, restore_best_weights=True)
    held_out = x[:300], y[:300]
    history = bridge.fit(
        model, x[300:], y[300:], backend=BACKEND, epochs=60, validation_data=held_out,
        callbacks=[stopper],
    )  # fmt: skip
    seen = history.history["val_loss"]
    assert len(seen) < 60
    assert stopper.best == pytest.approx(min(seen))
    assert (stopper.best_epoch, stopper.stopped_epoch) == (int(np.argmin(seen)), len(seen) - 1)
    assert model.evaluate(*held_out, verbose=0)[0] == pytest.approx(min(seen), rel=1e-4)
    with pytest.raises(g.GlassnetError, match="no 'val_loss' to monitor"):
        bridge.fit(model, x, y, backend=BACKEND, callbacks=[EarlyStopping()])


@pytest.mark.parametrize("stopping", [None, False, True])
def test_averages_are_judged_and_kept_as_by_our_engines(stopping: bool | None) -> None:
    """Plain weights overshoot at this rate, so their losses are far from those of the averages."""
    x = np.random.default_rng(0).standard_normal((40, 3)).astype("f4")
    y = (x.sum(axis=1) > 0).astype(int)
    histories, losses_after = [], []
    for fit in (g.Model.fit, lambda *a, **o: bridge.fit(*a, backend=BACKEND, **o)):
        model = g.Model([g.Dense(2, "softmax")], (3,), seed=1)
        optimizer = g.SGD(3.0, momentum=0.9, use_ema=True, ema_momentum=0.8)
        model.compile(optimizer, "sparse_categorical_crossentropy")
        watch = (
            [] if stopping is None else [EarlyStopping(patience=1, restore_best_weights=stopping)]
        )
        quiet = {"verbose": 0} if fit is g.Model.fit else {}
        found = fit(
            model,
            x[:20],
            y[:20],
            epochs=8,
            batch_size=5,
            shuffle=False,
            validation_data=(x[20:], y[20:]),
            callbacks=watch,
            **quiet,
        )
        histories.append(found.history["val_loss"])
        losses_after.append(model.evaluate(x[20:], y[20:], verbose=0))
    np.testing.assert_allclose(histories[1], histories[0], rtol=1e-3)
    np.testing.assert_allclose(losses_after[1], losses_after[0], rtol=1e-3)
    assert losses_after[0] == pytest.approx(min(histories[0]) if stopping else histories[0][-1])
    assert (len(histories[0]) < 8) == (stopping is not None)


def test_what_was_learned_before_an_interrupt_is_kept(digits: tuple[Any, Any]) -> None:
    class Interrupt(Callback):
        def on_epoch_begin(self, record: Record) -> None:
            if record.epoch == 1:
                raise KeyboardInterrupt

    x, y = digits
    model = digits_model()
    before = model.evaluate(x, y, verbose=0)[0]
    with pytest.raises(KeyboardInterrupt):
        bridge.fit(model, x, y, backend=BACKEND, epochs=3, callbacks=[Interrupt()])
    assert model.evaluate(x, y, verbose=0)[0] < before / 2


@pytest.mark.parametrize(
    ("loss", "last", "target"),
    [
        ("squared_error", "sigmoid", "one-hot"),
        ("binary_crossentropy", "sigmoid", "yes or no"),
        (losses.BinaryCrossentropy(from_logits=True), None, "yes or no"),
    ],
)
def test_history_is_what_evaluate_says(
    loss: Any, last: str | None, target: str, digits: tuple[Any, Any]
) -> None:
    x, labels = digits
    y = g.to_categorical(labels, 10) if target == "one-hot" else labels % 2
    units = 10 if target == "one-hot" else 1
    model = g.Model([g.Flatten(), g.Rescaling(1 / 16), g.Dense(units, last)])
    model.compile(g.SGD(0.1), loss, ["accuracy"])
    history = bridge.fit(model, x, y, backend=BACKEND, validation_data=(x, y)).history
    expected = model.evaluate(x, y, verbose=0, return_dict=True)
    assert isinstance(expected, dict)
    for name, value in expected.items():
        assert history[f"val_{name}"][-1] == pytest.approx(value, rel=1e-4)


def test_a_loss_that_keras_mistakes_on_tensorflow_is_refused() -> None:
    model = g.Model([g.Dense(3, "sigmoid")], (4,))
    model.compile("sgd", "categorical_crossentropy")
    x, y = np.ones((6, 4), "f4"), np.eye(3)[[0, 1, 2, 0, 1, 2]]
    if BACKEND == "tensorflow":
        with pytest.raises(g.GlassnetError, match="trains on another loss"):
            bridge.fit(model, x, y, backend=BACKEND)
    else:
        found = bridge.fit(model, x, y, backend=BACKEND, validation_data=(x, y)).history
        assert found["val_loss"] == pytest.approx([model.evaluate(x, y, verbose=0)], rel=1e-5)


@pytest.mark.parametrize("options", [{"augment": "flip"}, {"output_activation": "sigmoid"}])
def test_nothing_is_written_before_keras_can_train(options: dict[str, Any], tmp_path: Path) -> None:
    if BACKEND != "tensorflow" and "augment" not in options:
        pytest.skip("the other backends train on what they are told")
    settings = Settings(data="digits", engine=f"keras:{BACKEND}", hidden=(4,), **options)
    with pytest.raises(g.GlassnetError):
        run_training(settings, out=str(tmp_path / "runs"))
    assert not (tmp_path / "runs").exists()


def test_keras_counts_no_padding_and_neither_do_we() -> None:
    ours = g.Model([g.Embedding(5, 4, mask_zero=True), g.Dense(3, "softmax")], (5,))
    theirs = ours.clone()
    x, y = np.arange(40).reshape(8, 5) % 5, np.arange(40).reshape(8, 5) % 3
    x[:4, 2:] = 0
    for model in (ours, theirs):
        model.compile(g.SGD(0.5), "sparse_categorical_crossentropy", ["accuracy"])
    found = bridge.fit(
        theirs, x, y, backend=BACKEND, batch_size=8, epochs=2, shuffle=False, validation_data=(x, y)
    ).history
    wanted = ours.fit(x, y, 8, 2, 0, shuffle=False, validation_data=(x, y)).history
    for name, values in wanted.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-5, err_msg=name)


@pytest.mark.parametrize("steps", [False, True])
def test_weights_and_weighted_metrics_count_as_they_do_here(steps: bool) -> None:
    """Of as many examples as steps, so that one could be taken for the other."""
    x, y = rows(6, 6, 4), np.arange(36).reshape(6, 6) % 3
    weights = np.linspace(0, 2, 6)
    if not steps:
        x, y = x[:, 0], y[0]
    found = []
    for keras in (True, False):
        model = g.Model([g.Dense(3, "softmax")], x.shape[1:])
        metrics = ["accuracy", TopKCategoricalAccuracy(2, "two")]
        model.compile(g.SGD(0.5), "sparse_categorical_crossentropy", metrics, ["accuracy"])
        options: dict[str, Any] = {
            "batch_size": 6, "epochs": 2, "shuffle": False, "class_weight": {1: 3.0},
            "sample_weight": weights, "validation_data": (x, y, weights[::-1]),
        }  # fmt: skip
        history = (
            bridge.fit(model, x, y, backend=BACKEND, **options)
            if keras
            else model.fit(x, y, verbose=0, **options)
        ).history
        found.append((history, model.get_weights()))
    (theirs, kernels), (ours, wanted) = found
    assert set(theirs) == set(ours)
    for name, values in ours.items():
        np.testing.assert_allclose(theirs[name], values, rtol=1e-5, err_msg=name)
    for a, b in zip(kernels, wanted, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_a_metric_in_which_keras_counts_padding_is_refused() -> None:
    model = g.Model([g.Embedding(5, 4, mask_zero=True), g.Dense(1, "sigmoid")], (5,))
    model.compile("sgd", "binary_crossentropy", ["recall"])
    with pytest.raises(g.GlassnetError, match=r"'recall': counts padding in Keras.*evaluate"):
        bridge.fit(model, np.ones((2, 5)), np.ones((2, 5, 1)), backend=BACKEND)
