"""A new head on the body of a model: chains, graphs and networks inside networks."""

from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import items
from glassnet.layers import (
    Activation,
    Add,
    BatchNormalization,
    Conv1D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling1D,
    Input,
    TimeDistributed,
)
from glassnet.layers.regularizers import Ambiguity
from glassnet.model.heads import head_of, with_layers, with_new_head
from glassnet.model.model import Model
from glassnet.networks import recipe

X = np.random.default_rng(0).normal(size=(4, 5)).astype("float32")


def chain() -> Model:
    return Model(
        [Dense(8, "relu"), BatchNormalization(), Dense(3, "softmax")], (5,), seed=1,
        class_names=("a", "b", "c"),
    )  # fmt: skip


def nested() -> Model:
    body = Model([Dense(8, "relu"), Dense(6, name="top")], (5,), name="body")
    return Model([body, Dropout(0.2), Activation("softmax")], (5,))


def graph() -> Model:
    x = Input((5,))
    h = Dense(4, "relu", name="hidden")(x)
    both = Add()([h, Dense(4, name="side")(x)])
    return Model(x, Activation("softmax")(Dense(3, name="top")(both)))


@pytest.mark.parametrize(
    ("make", "path"), [(chain, "dense_1"), (nested, "body/top"), (graph, "top")]
)
def test_the_head_is_the_last_layer_with_weights(make: Any, path: str) -> None:
    model = make()
    before = model.predict(X)
    assert head_of(model.network) == path
    new = with_new_head(model, 2, "softmax")
    assert new.predict(X).shape == (4, 2)
    np.testing.assert_allclose(new.predict(X).sum(axis=1), 1, rtol=1e-6)
    old, body = dict(items(model.params)), dict(items(new.params))
    for name, array in body.items():
        if not name.startswith(path):
            assert array.tobytes() == old[name].tobytes()
            assert not np.shares_memory(array, old[name])
    np.testing.assert_array_equal(model.predict(X), before)


def test_columns_keep_their_weights_and_the_others_are_drawn() -> None:
    model = chain()
    new = with_new_head(model, 4, "softmax", {0: 2, 3: 0}, seed=5)
    kernel, old = new.params["dense_1"]["kernel"], model.params["dense_1"]["kernel"]
    np.testing.assert_array_equal(kernel[:, [0, 3]], old[:, [2, 0]])
    assert not np.isin(kernel[:, 1:3], old).any()
    assert not np.array_equal(
        kernel[:, 1], with_new_head(model, 4, "softmax", seed=6).params["dense_1"]["kernel"][:, 1]
    )


def test_the_same_columns_give_the_same_outputs() -> None:
    model = chain()
    kept = with_new_head(model, 3, "softmax", {0: 0, 1: 1, 2: 2})
    np.testing.assert_array_equal(kept.predict(X), model.predict(X))
    swapped = with_new_head(model, 3, "softmax", {0: 1, 1: 0, 2: 2})
    np.testing.assert_array_equal(swapped.predict(X), model.predict(X)[:, [1, 0, 2]])


def test_the_activation_after_the_head_is_replaced() -> None:
    new = with_new_head(graph(), 1, "sigmoid")
    assert new.network.at("top").output_activation is None
    assert new.network.at("activation").output_activation == "sigmoid"
    assert new.predict(X).shape == (4, 1)


def test_convolutions_and_steps_have_heads_too() -> None:
    x = np.ones((2, 6, 3), "float32")
    model = Model(
        [Conv1D(4, 3), Conv1D(5, 1), GlobalAveragePooling1D(), Activation("softmax")], (6, 3)
    )
    assert with_new_head(model, 2, "softmax").predict(x).shape == (2, 2)
    steps = Model([TimeDistributed(Dense(4)), TimeDistributed(Dense(3, "softmax"))], (6, 3))
    assert with_new_head(steps, 2, "softmax").predict(x).shape == (2, 6, 2)


def test_a_model_that_is_one_layer() -> None:
    assert with_new_head(Model(Dense(3), (5,)), 2).predict(X).shape == (4, 2)


def test_other_layers_can_be_replaced_with_their_weights_kept() -> None:
    model = Model([Flatten(), Dense(3, "relu", name="a"), Dense(2)], (5,))
    new = with_layers(model, {"flatten": Dropout(0.5)})
    np.testing.assert_array_equal(new.predict(X), model.predict(X))


def _two_ends() -> Model:
    x = Input((5,))
    return Model(x, [Dense(2)(x), Dense(2)(x)])


def _sum() -> Model:
    x = Input((5,))
    return Model(x, Add()([Dense(2)(x), Dense(2)(x)]))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_two_ends, "has 2 outputs"),
        (_sum, "comes from more than one"),
        (lambda: Model([Dense(2), BatchNormalization()], (5,)), "BatchNormalization layer"),
        (lambda: Model([Dense(6), Flatten(), Dropout(0.1)], (2, 5)), "Dense layer 'dense'"),
    ],
)
def test_a_model_without_a_head_is_refused(make: Any, words: str) -> None:
    with pytest.raises(GlassnetError, match=words):
        with_new_head(make(), 3)


@pytest.mark.parametrize("make", [chain, nested, graph])
def test_a_new_head_of_a_frozen_model_is_trainable(make: Any) -> None:
    model = make()
    model.trainable = False
    new = with_new_head(model, 4, "softmax")
    head = head_of(new.network)
    assert [weight.path for weight in new.trainable_weights] == [f"{head}/kernel", f"{head}/bias"]
    assert not model.trainable_weights


def test_the_head_of_an_ensemble_keeps_its_members() -> None:
    model = Model(recipe("tabular", classes=3, members=2), (5,))
    new = with_new_head(model, 1, "linear", {0: 2})
    old_kernel, kernel = (m.params["einsum_dense"]["kernel"] for m in (model, new))
    assert (old_kernel.shape, kernel.shape) == ((2, 32, 3), (2, 32, 1))
    np.testing.assert_array_equal(kernel[..., 0], old_kernel[..., 2])
    head, _, last = new.network.layers[-3:]
    assert (head.activity_regularizer, last.activation) == (Ambiguity("linear"), "linear")
    assert with_new_head(model, 2, "tanh").network.layers[-3].activity_regularizer is None
