"""Several outputs: Keras's own numbers, ours, and Keras trained through the bridge are equal."""

from typing import Any

import numpy as np
import pytest

import glassnet as g
from glassnet.interop.keras import export as bridge
from tests.interop.keras.on_backend import BACKEND, rows

X, KINDS = rows(30, 5).astype("f4"), np.arange(30) % 3
Y = [KINDS, rows(30, 2).astype("f4"), (KINDS > 0).astype("f4")[:, None]]
NAMES = ("kind", "place", "yes")
WEIGHTS = np.linspace(0, 2, 30)
LOSSES = ["sparse_categorical_crossentropy", "mse", "binary_crossentropy"]


def ours() -> g.Model:
    x = g.layers.Input((5,))
    h = g.Dense(8, "tanh", kernel_regularizer="l2", name="h")(x)
    ends = g.Dense(3, "softmax", name="kind"), g.Dense(2, name="place")
    return g.Model(x, [end(h) for end in (*ends, g.Dense(1, "sigmoid", name="yes"))], seed=3)


def theirs(weights: list[np.ndarray]) -> Any:
    """Keras's own model, which nothing of ours has touched."""
    import keras

    x, dense = keras.Input((5,)), keras.layers.Dense
    h = dense(8, "tanh", kernel_regularizer="l2", name="h")(x)
    ends = dense(3, "softmax", name="kind"), dense(2, name="place")
    made = keras.Model(x, [end(h) for end in (*ends, dense(1, "sigmoid", name="yes"))])
    made.set_weights(weights)
    return made


@pytest.mark.parametrize(
    ("given", "y", "weights"),
    [
        ({"loss": LOSSES, "metrics": {"kind": ["accuracy"], "yes": ["accuracy"]}}, Y, None),
        (
            {
                "loss": dict(zip(NAMES, LOSSES, strict=True)),
                "loss_weights": {"kind": 0.3, "place": 0.5, "yes": 2.0},
                "metrics": [["accuracy"], ["mae", "mse"], []],
                "weighted_metrics": {"kind": ["accuracy"]},
            },
            dict(zip(NAMES, Y, strict=True)),
            WEIGHTS,
        ),
        ({"loss": [LOSSES[0], None, LOSSES[2]]}, Y, [WEIGHTS, WEIGHTS, WEIGHTS[::-1]]),
        ({"loss": [None, "mse", None], "metrics": {"place": ["mae"]}}, Y, None),
    ],
)
@pytest.mark.filterwarnings("ignore:Gradients do not exist")  # TensorFlow, of what has no loss
def test_three_steps_are_the_same(given: dict[str, Any], y: Any, weights: Any) -> None:
    import keras

    options: dict[str, Any] = {
        "batch_size": 10, "epochs": 1, "shuffle": False, "sample_weight": weights,
        "verbose": 0,
    }  # fmt: skip
    validation = {"validation_data": (X, y)}
    eager, bridged = ours(), ours()
    own = theirs(eager.get_weights())
    own.compile(keras.optimizers.SGD(0.5), **given)
    for model in (eager, bridged):
        model.compile(g.SGD(0.5), **given)
    # Keras takes no weights with a dict of targets; a list means the same.
    wanted = own.fit(X, Y, validation_data=(X, Y), **options).history
    found = [eager.fit(X, y, **options, **validation).history]
    del options["verbose"]
    found.append(bridge.fit(bridged, X, y, backend=BACKEND, **options, **validation).history)
    for history in found:
        assert set(history) == set(wanted)
        for name, values in wanted.items():
            np.testing.assert_allclose(history[name], values, rtol=1e-5, err_msg=name)
    for model in (eager, bridged):
        for a, b in zip(model.get_weights(), own.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)
    metrics = own.evaluate(X, Y, verbose=0, sample_weight=weights)
    found_here = eager.evaluate(X, y, verbose=0, sample_weight=weights)
    np.testing.assert_allclose(found_here, metrics, rtol=1e-5)
    for a, b in zip(eager.predict(X), own.predict(X, verbose=0), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
