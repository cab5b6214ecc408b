"""What a model is made from, and the weights that it begins with."""

from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import (
    Add,
    Conv2D,
    Dense,
    Dropout,
    Input,
    Layer,
    TimeDistributed,
)
from glassnet.layers import Sequential as Chain
from glassnet.model.model import Model

X = np.random.default_rng(0).normal(size=(32, 4))
Y = np.arange(32) % 3


def learned(*layers: Layer) -> Model:
    model = Model([*layers, Dense(3, "tanh")], input_shape=(4,))
    model.compile("sgd", "mse")
    model.fit(X, np.eye(3)[Y], verbose=0)
    return model


def test_a_list_may_begin_with_an_input() -> None:
    model = Model([Input((4,), name="flower"), Dense(3)])
    assert model.output_shape == (3,)
    np.testing.assert_array_equal(model.predict({"flower": X}), model.predict(X))


def test_a_model_called_on_a_node_shares_its_weights() -> None:
    base, x = learned(Dense(5, "relu")), Input((4,))
    tuned = Model(inputs=x, outputs=Dense(3)(base(x)))
    before = base.get_weights()
    np.testing.assert_array_equal(tuned.get_weights()[0], before[0])
    tuned.compile("sgd", "mse")
    tuned.fit(X, np.eye(3)[Y], verbose=0)
    assert not np.array_equal(tuned.get_weights()[0], before[0])
    for weight, trained in zip(base.get_weights(), tuned.get_weights(), strict=False):
        np.testing.assert_array_equal(weight, trained)
    nested = Model(inputs=x, outputs=tuned(x))
    np.testing.assert_array_equal(nested.predict(X), tuned.predict(X))


def test_a_model_called_twice_is_shared() -> None:
    base, a, b = learned(), Input((4,)), Input((4,))
    twins = Model(inputs=[a, b], outputs=Add()(base(a), base(b)))
    assert twins.count_params() == base.count_params()
    np.testing.assert_allclose(twins.predict([X, X]), 2 * base.predict(X), rtol=1e-6)


def test_a_model_without_weights_gets_them_when_it_is_called() -> None:
    x, base = Input((4,)), Model([Dense(3)])
    model = Model(inputs=x, outputs=base(x))
    np.testing.assert_array_equal(base.predict(X), model.predict(X))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Model([Input((4,)), Dense(3)], (4,)), "both an Input and an input_shape"),
        (lambda: Model(learned()), r"got a model\. Copy it with clone"),
        (lambda: Model((x := Input((4,))), {"a": Dense(3)(x)}), r"outputs is a dict\. Write"),
        (lambda: Model([type("Dense", (), {"__module__": "keras.src.layers"})()]),
         r"It is Keras's: use glassnet\.layers\.Dense"),
        (lambda: Model([Input((4,))]), "needs layers, or the nodes"),
        (lambda: Model([Dense(3)], inputs=Input((4,))), "both layers and nodes"),
        (lambda: Model([Dense(3)], units=3), "unknown argument 'units'"),
        (lambda: Chain([Input((4,)), Dense(3)]), r"can start with an Input: Model\(\["),
        (lambda: Model(inputs=(x := Input((9, 9, 2))), outputs=Model([Conv2D(2, 3)], (9, 9, 1))(x)),
         r"'conv2d/kernel' has the shape \(3, 3, 1, 2\), but here it would be \(3, 3, 2, 2\)"),
        (lambda: learned()(X, training=True), "takes no training=True. Dropout .* in `fit`"),
        (lambda: Dropout(0.3)(Input((4,)), training=True), "Dropout's call: takes no training"),
        (lambda: learned().compile("sgd", "mse", jit_compile=True), 'fit.*engine="jax"'),
    ],
)  # fmt: skip
def test_what_a_model_is_not_made_from(make: Any, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        make()


def test_a_model_is_a_layer_wherever_layers_are_taken() -> None:
    base = learned()
    assert Chain([base]).layers[0] is base.network  # type: ignore[arg-type]
    assert TimeDistributed(base).layer is base.network  # type: ignore[arg-type]
