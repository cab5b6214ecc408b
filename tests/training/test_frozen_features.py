"""Features of a frozen body that are reused change nothing: weights, history, files, errors."""

import logging
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import BackupAndRestore, Model
from glassnet.core import memory
from glassnet.core.trees import items
from glassnet.doctor import skip_glance
from glassnet.layers import (
    BatchNormalization,
    Concatenate,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    Input,
    Layer,
    MaxPooling2D,
    Rescaling,
)
from glassnet.optimizers import Adam
from glassnet.training import frozen_body, frozen_features
from glassnet.training.callbacks import Callback, LambdaCallback, Record, Unfreeze
from glassnet.training.divergence import DivergenceError
from glassnet.training.frozen_body import HeadObjective, head_of
from glassnet.training.frozen_features import FeatureSource, computed_each_time

RNG = np.random.default_rng(0)
X = RNG.integers(0, 256, (61, 8, 8, 3)).astype("uint8")
Y = RNG.integers(0, 3, 61)


@pytest.fixture(autouse=True)
def _small_bodies_are_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frozen_body, "PER_CALL", 1)
    monkeypatch.setattr(frozen_body, "PER_WEIGHT", 0)


def frozen(*layers: Layer) -> list[Layer]:
    for layer in layers:
        layer.trainable = False
    return [*layers]


def convolutional() -> list[Layer]:
    return [
        Rescaling(1 / 255), Conv2D(6, 3, activation="relu"), BatchNormalization(),
        DepthwiseConv2D(3, padding="same"), MaxPooling2D(2), Flatten(), Dense(20, "relu"),
    ]  # fmt: skip


def compiled(model: Model) -> Model:
    model.compile(
        Adam(0.01, use_ema=True, weight_decay=0.01, layer_decay=0.7),
        "sparse_categorical_crossentropy", ["accuracy"],
    )  # fmt: skip
    return model


def flat(dtype: str = "float32") -> Model:
    layers = [*frozen(*convolutional()), Dropout(0.3), Dense(9, "relu"), Dense(3, "softmax")]
    return compiled(Model(layers, input_shape=(8, 8, 3), seed=3, dtype=dtype))


def nested(dtype: str = "float32") -> Model:
    base = Model(convolutional(), input_shape=(8, 8, 3), dtype=dtype)
    base.trainable = False
    layers = [base, Dropout(0.3), Dense(9, "relu"), Dense(3, "softmax")]
    return compiled(Model(layers, input_shape=(8, 8, 3), seed=3, dtype=dtype))


def wide(dtype: str = "float32") -> Model:
    """A graph: the head takes the body's output twice, and an input."""
    image = Input((8, 8, 3))
    base = Model(convolutional(), input_shape=(8, 8, 3), dtype=dtype)
    base.trainable = False
    h = base(image, training=False)
    both = Concatenate()(Dense(4, "tanh")(h), GlobalAveragePooling2D()(image), h)
    return compiled(Model(image, Dense(3, "softmax")(Dropout(0.2)(both)), seed=3, dtype=dtype))


def head(model: Model, x: Any = X, augment: Any = None, engine: str = "numpy") -> Any:
    return head_of(model.objective(augment), model.params, x, engine)


def outcome(make: Callable[[], Model], reused: bool = True, **options: Any) -> Any:
    """Return (weights, history without times) of a training, as bytes."""
    model = make()
    with nullcontext() if reused else computed_each_time():
        history = model.fit(
            **{"x": X, "y": Y, "batch_size": 13, "epochs": 3, "verbose": 0} | options
        )
    return {path: leaf.tobytes() for path, leaf in items(model.params)}, history.history


@pytest.mark.parametrize("make", [flat, nested, wide])
def test_a_training_has_the_same_bits_with_and_without(make: Any) -> None:
    assert head(make()) is not None
    options = {"validation_split": 0.2, "class_weight": {0: 2.0}, "sample_weight": np.arange(61.0)}
    assert outcome(make, **options) == outcome(make, reused=False, **options)


def small() -> Model:
    body = frozen(Rescaling(1 / 255), Conv2D(5, 3), GlobalAveragePooling2D())
    model = Model([*body, Dropout(0.3), Dense(3, "softmax")], input_shape=(8, 8, 3), seed=3)
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


@pytest.mark.skipif(not find_spec("jax"), reason="JAX is missing")
@pytest.mark.parametrize(
    ("make", "rows"),
    [
        (small, 80),
        *(pytest.param(make, 61, marks=pytest.mark.slow) for make in (flat, nested, wide)),
    ],
)
def test_jax_too(make: Any, rows: int) -> None:
    assert head(make(), engine="jax") is not None
    x, y = np.concatenate([X, X])[:rows], np.concatenate([Y, Y])[:rows]
    options = {"x": x, "y": y, "batch_size": 16, "engine": "jax", "validation_data": (X[:9], Y[:9])}
    assert outcome(make, **options) == outcome(make, reused=False, **options)


SIZES: Any = {
    "make": st.sampled_from([flat, nested, wide]),
    "dtype": st.sampled_from(["float32", "float64"]),
    "rows": st.integers(2, 61),
    "batch_size": st.integers(1, 64),
    "options": st.fixed_dictionaries(
        {
            "epochs": st.integers(1, 3),
            "shuffle": st.booleans(),
            "validation_batch_size": st.sampled_from([None, 1, 7]),
            "steps_per_epoch": st.sampled_from([None, 1]),
            "validation_freq": st.integers(1, 2),
        }
    ),
}


def same(make: Any, dtype: str, rows: int, batch_size: int, options: Any) -> None:
    options |= {"x": X[:rows], "y": Y[:rows], "batch_size": batch_size}
    options |= {"validation_data": (X[:9], Y[:9])}
    with skip_glance():
        results = [outcome(lambda: make(dtype), reused, **options) for reused in (True, False)]
    assert results[0] == results[1]


@settings(max_examples=6)
@given(**SIZES)
def test_of_any_size_and_precision(**case: Any) -> None:
    same(**case)


@pytest.mark.slow
@settings(max_examples=300)
@given(**SIZES)
def test_of_many_sizes(**case: Any) -> None:
    same(**case)


@pytest.mark.parametrize("make", [flat, nested, wide])
def test_it_is_the_training_of_the_whole_network(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"validation_data": (X[:9], Y[:9])}
    weights, history = outcome(make, **options)
    monkeypatch.setattr(frozen_body, "PER_CALL", 2**60)
    whole_weights, whole = outcome(make, **options)
    assert weights.keys() == whole_weights.keys()
    assert history == {name: pytest.approx(values, rel=1e-4) for name, values in whole.items()}


def test_frozen_layers_are_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {True: 0, False: 0}
    features = HeadObjective.features

    def counting(self: Any, params: Any, x: Any, training: bool = True) -> Any:
        counts[training] += len(x)
        return features(self, params, x, training)

    monkeypatch.setattr(HeadObjective, "features", counting)
    outcome(flat, epochs=4, validation_data=(X[:7], Y[:7]))
    assert counts == {True: 61, False: 7}
    outcome(flat, reused=False, epochs=4)
    assert counts == {True: 61 + 4 * 61, False: 7}


def test_what_is_reused_is_said(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "glassnet")
    outcome(flat, validation_data=(X[:7], Y[:7]))
    text = "the outputs of the frozen layers for the {} data, 0.0 MB, are computed once and reused"
    assert [record.message for record in caplog.records] == [
        text.format(kind) for kind in ("training", "validation")
    ]


def test_features_that_are_too_large_are_computed_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    expected = outcome(flat, validation_data=(X[:7], Y[:7]))
    caplog.set_level(logging.INFO, "glassnet")
    monkeypatch.setattr(memory, "available", lambda: 4 * 61 * 20 * 4 - 1)
    assert outcome(flat, validation_data=(X[:7], Y[:7])) == expected
    assert "are too large to keep" in caplog.text
    assert "validation data, 0.0 MB, are computed once" in caplog.text


@pytest.mark.parametrize("engine", ["numpy", *(["jax"] if find_spec("jax") else [])])
def test_large_features_are_not_passed_whole_before_all_are_known(
    monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    """An engine would copy all of them in each segment of the first epoch."""
    lengths: list[int] = []
    read = FeatureSource.read

    def reading(self: Any, count: int) -> Any:
        segment = read(self, count)
        lengths.append(len(segment.x))
        return segment

    monkeypatch.setattr(FeatureSource, "read", reading)
    steps = [LambdaCallback(on_train_batch_end=lambda *_: None)]  # each is a segment
    expected = outcome(small, engine=engine, callbacks=steps)
    assert lengths == 15 * [61]
    lengths.clear()
    monkeypatch.setattr(frozen_features, "SEGMENT_BYTES", 0)
    assert outcome(small, engine=engine, callbacks=steps) == expected
    assert lengths == 4 * [8 * 13] + 11 * [61]


class CutError(Exception):
    """Stands for a killed process."""


class Cut(Callback):
    """Ends the training after this many steps, if any."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def on_train_batch_end(self, record: Record) -> None:
        self.left -= 1
        if not self.left:
            raise CutError


def test_a_killed_training_resumes_with_the_same_bits(tmp_path: Path) -> None:
    backup = BackupAndRestore(tmp_path, save_freq=1)
    with pytest.raises(CutError):
        outcome(flat, epochs=4, callbacks=[backup, Cut(7)])
    assert any(tmp_path.iterdir())
    assert outcome(flat, epochs=4, callbacks=[backup, Cut(0)]) == outcome(flat, epochs=4)


@pytest.mark.parametrize("reused", [True, False])
def test_unfreezing_ends_it(reused: bool, tmp_path: Path) -> None:
    options = {"epochs": 4, "validation_data": (X[:9], Y[:9])}
    weights, history = outcome(nested, reused, callbacks=[Unfreeze(2)], **options)
    assert history["loss"][:2] == outcome(nested, **options)[1]["loss"][:2]
    at = 3 * 5  # a step after it
    callbacks = [Unfreeze(2), BackupAndRestore(tmp_path, save_freq=1), Cut(at)]
    with pytest.raises(CutError):
        outcome(nested, reused, callbacks=callbacks, **options)
    callbacks[-1] = Cut(0)
    assert outcome(nested, reused, callbacks=callbacks, **options) == (weights, history)
    frozen_weights = {path: leaf.tobytes() for path, leaf in items(nested().params)}
    assert weights["sequential/conv2d/kernel"] != frozen_weights["sequential/conv2d/kernel"]


def test_fit_again_continues_as_one_fit() -> None:
    once, twice = small(), small()
    once.fit(X, Y, epochs=2, verbose=0)
    for epoch in (0, 1):
        twice.fit(X, Y, epochs=epoch + 1, initial_epoch=epoch, verbose=0)
    assert all(map(np.array_equal, once.get_weights(), twice.get_weights()))


def test_multiple_inputs_and_outputs() -> None:
    def make() -> Model:
        a, b, c = Input((8, 8, 3)), Input((8, 8, 3)), Input((4,))
        base = Model(convolutional(), input_shape=(8, 8, 3), name="base")
        base.trainable = False
        ha, hb = base(a), base(b)  # shared: its second call has a path of its own
        y = Dense(3, "softmax", name="y")(Concatenate()(ha, hb, Dense(3)(c)))
        model = Model(inputs=[a, b, c], outputs=[y, Dense(1, name="z")(hb)])
        model.compile("adam", ["sparse_categorical_crossentropy", "mse"])
        return model

    x = X, X[::-1].copy(), RNG.normal(size=(61, 4))
    found = head(make(), x)
    assert [call.place for call in found.body.calls] == ["base", "base:1"]
    assert (found.body.outputs, found.network.inputs) == ((2, 3, 4), 3)
    options = {"x": list(x), "y": [Y, Y / 2], "validation_split": 0.3}
    assert outcome(make, **options) == outcome(make, reused=False, **options)


def test_an_overflow_is_the_frozen_layers() -> None:
    model = flat()
    model.layers[1].kernel.assign(np.full((3, 3, 3, 6), 3e38))
    with pytest.raises(DivergenceError, match="output of the frozen layers is the first array"):
        model.fit(X, Y, epochs=2, verbose=0)


def test_data_in_batches_are_not_reused(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "glassnet")
    batches = [(X[i : i + 13], Y[i : i + 13]) for i in range(0, 52, 13)]
    flat().fit(Batches(batches), epochs=2, verbose=0)
    assert not caplog.records


class Batches:
    """Data in batches that can be read again."""

    def __init__(self, batches: list[Any]) -> None:
        self.batches = batches

    def __iter__(self) -> Iterator[Any]:
        return iter(self.batches)
