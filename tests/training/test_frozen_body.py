"""Where the frozen body of a network ends."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from glassnet import Model
from glassnet.layers import (
    LSTM,
    Activation,
    BatchNormalization,
    Conv1D,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GaussianNoise,
    Input,
    Lambda,
    Layer,
    RandomFlip,
    ReLU,
)
from glassnet.training import frozen_body
from glassnet.training.frozen_body import head_of

RNG = np.random.default_rng(0)
X = RNG.integers(0, 256, (61, 8, 8, 3)).astype("uint8")


@pytest.fixture(autouse=True)
def _small_bodies_are_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frozen_body, "PER_CALL", 1)
    monkeypatch.setattr(frozen_body, "PER_WEIGHT", 0)


def frozen(*layers: Layer) -> list[Layer]:
    for layer in layers:
        layer.trainable = False
    return [*layers]


def head(model: Model, x: Any = X, augment: Any = None) -> Any:
    if model.optimizer is None:
        model.compile("sgd", "sparse_categorical_crossentropy")
    return head_of(model.objective(augment), model.params, x, "numpy")


def body_of(*layers: Any, shape: tuple[int, ...] = (8, 8, 3), x: Any = X) -> list[str]:
    """Return the names of the layers in the body of a model of these, then a dense layer."""
    layers = [layer.clone(weights=False) for layer in layers]
    found = head(Model([*layers, Flatten(), Dense(3, "softmax")], input_shape=shape), x)
    return [] if found is None else [name for name, _ in found.body.parts]


@dataclass(frozen=True)
class Centered(Layer):
    """y = x less its mean over the batch, in a class of the user's."""

    def forward(self, params: Any, x: Any, context: Any = None) -> Any:
        return x - x.mean(0), lambda dy: (dy - dy.mean(0), {})


def test_the_body_ends_before_what_differs_between_steps() -> None:
    conv = frozen(Conv2D(4, 3))
    assert body_of(*conv) == ["conv2d", "flatten"]
    assert body_of(*conv, Dropout(0.0)) == ["conv2d", "dropout", "flatten"]
    for layer in (
        Dropout(0.1), GaussianNoise(0.1), BatchNormalization(),
        BatchNormalization(center=False, scale=False), RandomFlip(), Centered(),
        Lambda(lambda x: x - x.mean()), Activation(lambda x: x * 2),
        ReLU(activity_regularizer="l2"), Conv2D(2, 1),
    ):  # fmt: skip
        assert body_of(*conv, layer, ReLU()) == ["conv2d"], layer
        assert body_of(layer, *conv) == [], layer
    assert body_of(*conv, *frozen(BatchNormalization())) == [
        "conv2d", "batch_normalization", "flatten",
    ]  # fmt: skip


def test_all_calls_of_a_layer_are_on_one_side() -> None:
    x, relu = Input((8, 8, 3)), ReLU()
    (conv,) = frozen(Conv2D(4, 3))
    h = relu(conv(x))
    y = Dense(3, "softmax")(relu(Dense(5)(Flatten()(h))))
    found = head(Model(x, y))
    assert [call.place for call in found.body.calls] == ["conv2d"]
    places = ["re_lu", "flatten", "dense", "re_lu:1", "dense_1"]
    assert [call.place for call in found.network.calls] == places


def test_what_is_not_reused() -> None:
    assert body_of(Conv2D(4, 3)) == []  # nothing is frozen
    assert body_of(ReLU()) == []
    model = Model([*frozen(Conv2D(4, 3)), Flatten(), Dense(3, "softmax")], input_shape=(8, 8, 3))
    assert head(model) is not None
    assert head(model) is head(model)  # engines compile once for each
    assert head(model, augment="flip") is None
    words, sequences = np.ones((61, 5), int), RNG.normal(size=(61, 5, 8))
    embedding = frozen(Embedding(9, 4, mask_zero=True), Conv1D(4, 2))
    assert body_of(*embedding, shape=(5,), x=words) == ["embedding", "conv1d", "flatten"]
    assert body_of(*embedding[:1], LSTM(3), shape=(5,), x=words) == []  # which needs the mask
    assert body_of(*frozen(LSTM(3)), shape=(5, 8), x=sequences) == []  # in batches, it is faster
    single = Model(Dense(3, "softmax"), input_shape=(3,))
    assert head(single, np.ones((61, 3))) is None


def test_only_bodies_that_are_no_slower_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    x = np.zeros((2, 32, 32, 3), "float32")
    assert body_of(*frozen(Conv2D(32, 3), Conv2D(32, 3)), shape=(32, 32, 3), x=x)
    assert not body_of(*frozen(Conv2D(4, 3, strides=4)), shape=(32, 32, 3), x=x)
    dense = frozen(Flatten(), Dense(512), Dense(512))
    assert not body_of(*dense, shape=(32, 32, 3), x=x)
