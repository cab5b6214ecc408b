"""What Keras's users write first: one sentence each, where the class is defined or first used."""

from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet import (
    Dense,
    GlassnetError,
    Layer,
    Loss,
    Model,
    Optimizer,
    Schedule,
    metrics,
    register,
)
from glassnet.layers import initializers
from glassnet.layers.regularizers import Regularizer

X = np.ones((8, 3), "float32")


def method(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names, lambda self, *arguments: None)


@pytest.mark.parametrize(
    ("base", "body", "message"),
    [
        (
            Layer,
            method("__init__", "build", "call", "get_config"),
            r"class Mine: defines build, call and get_config, which only Keras would call. Write "
            r"weights\(self, shape\).* Write forward\(self, params, x, context\).* Its fields are "
            r'its configuration.* Above the class: @register\("layer"\), with from glassnet import '
            "register.",
        ),
        (
            Layer,
            method("__init__"),
            r"defines __init__.*Write each argument as a field in its body",
        ),
        (Loss, method("call"), r"defines call.*Write each\(self, outputs, targets\)"),
        (metrics.Metric, method("update_state", "result"), r'Write name: str = "mine".*measure'),
        (Optimizer, method("update_step"), r"Write update\(self, g, slots, w, rate, step\)"),
        (Schedule, method("get_config"), r'Its fields.*@register\("schedule"\)'),
        (
            Layer,
            {"forward": lambda self, params, x: x},
            r"its forward takes other arguments than it is called with \(too many positional "
            r"arguments\). Write def forward\(self, params, x, context\)",
        ),
        (
            Loss,
            {"each": lambda self, y_true, y_pred: 0},
            r"its each takes y_true first, as in Keras. Write def each\(self, outputs, targets\)",
        ),
        (
            metrics.Metric,
            {"measure": lambda self, y_true, y_pred, kind: 0},
            r"takes y_true first.*Write def measure\(self, outputs, targets, \*, kind\)",
        ),
        (
            initializers.Initializer,
            {"__call__": lambda self, shape, dtype=None: 0},
            r"takes shape first, as in Keras. Write def __call__\(self, rng, shape\)",
        ),
    ],
)
def test_a_class_as_keras_has_it(base: Any, body: dict[str, Any], message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        type("Mine", (base,), body)


def test_fields_without_register_are_no_arguments() -> None:
    class Scale(Layer):
        factor: float = 2.0

    assert Scale().factor == 2.0
    with pytest.raises(
        GlassnetError, match=r"class Scale: its fields \(factor\) are not arguments"
    ):
        Scale(3.0)  # type: ignore[call-arg, misc]
    with pytest.raises(GlassnetError, match=r'Above the class: @register\("layer"\)'):
        Scale(factor=3.0)  # type: ignore[call-arg]


def test_a_method_that_forgets_its_pullback_says_so(own_registry: None) -> None:
    class Twice(Layer):
        def forward(self, params: Any, x: Any, context: Any) -> Any:
            return 2 * x

    class Absolute(Loss):
        def each(self, outputs: Any, targets: Any) -> Any:
            return abs(outputs - targets).mean(axis=-1)

    class Small(Regularizer):
        def __call__(self, weight: Any) -> Any:
            return (weight * weight).sum()

    with pytest.raises(
        GlassnetError, match=r"returned ndarray, not a value and its.*Return y, pul"
    ):
        Model([Twice()], (3,))
    register("loss")(Absolute)
    register("regularizer")(Small)
    for loss, penalty, what in ((Absolute(), None, "losses"), ("mse", Small(), "penalty")):
        model = Model([Dense(1, kernel_regularizer=penalty)])
        model.compile("sgd", loss)
        with pytest.raises(GlassnetError, match=f"Return {what}, pullback.*gradcheck"):
            model.fit(X, X[:, 0], verbose=0)


def test_a_layer_that_jax_can_t_run_says_so(own_registry: None) -> None:
    pytest.importorskip("jax")

    @register("layer")
    class Squared(Layer):
        def forward(self, params: Any, x: Any, context: Any) -> Any:
            return np.square(x), lambda dy: (2 * x * dy, {})

    model = Model([Squared(), Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(GlassnetError, match=r"Squared.forward: JAX can't run it.*not NumPy's own"):
        model.fit(X, X[:, 0], engine="jax", verbose=0)
    model.fit(X, X[:, 0], verbose=0)


def test_load_takes_no_custom_objects() -> None:
    with pytest.raises(
        GlassnetError, match=r"takes no custom_objects. Run the code with their @reg"
    ):
        glassnet.Model.load("model.safetensors", custom_objects={})
