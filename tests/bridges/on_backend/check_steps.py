"""The same steps: losses, activations, gradients and weights, ten steps long."""

from typing import Any

import numpy as np
import pytest

import glassnet as g
from glassnet import configs, losses, optimizers
from glassnet.bridges import keras as bridge
from glassnet.engines.numpy import NumpyEngine
from glassnet.engines.state import State
from glassnet.layers import Call, Layer, Sequential
from glassnet.ops.activations import ACTIVATIONS
from glassnet.training.step import Task, joined
from glassnet.trees import items, map_leaves
from tests.bridges.on_backend import BACKEND, rows

STEPS = {"float32": 1e-5, "float64": 1e-13}

every_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])

LABELS = np.arange(8) % 3
ONE_HOT, SOFT = np.eye(3)[LABELS], np.abs(np.sin(np.arange(24.0))).reshape(8, 3)


def network(last: str, activation: str = "tanh", penalty: Any = None) -> Sequential:
    inner = Sequential((g.Dense(5, activation, kernel_regularizer=penalty),), name="block")
    return Sequential((g.Rescaling(0.3, 0.1), inner, g.Dense(3, last)))


def assert_same_steps(net: Layer, loss: Any, optimizer: Any, y: Any, dtype: str) -> None:
    """Ten steps here and there: losses, activations, gradients and weights."""
    x = rows(8, 4).astype(dtype)
    y = y if y.dtype.kind == "i" else y.astype(dtype)
    params, _ = net.init(np.random.default_rng(1), (4,), dtype)
    twin = bridge.KerasTwin(net, loss, optimizer, (4,), params, dtype, BACKEND)
    slots = {name: map_leaves(np.zeros_like, params) for name in optimizer.slots}
    task = Task(*joined(net, loss), {}, net.weights((4,)))
    engine = NumpyEngine(task, optimizer, State(0, params, slots), 0)
    for step in range(10):
        expected, _, grads = task.gradients(engine.params, x, y, Call(True, wrt_x=False))
        grads = map_leaves(np.copy, grads)
        last = task.network.forward(engine.params, x)[0]
        engine.run(x, y, [np.arange(8)], [optimizer.rate(step)])
        trace = twin.step(x, y)
        pairs = [(trace.loss, float(expected)), (list(trace.activations.values())[-1], last)]
        pairs += [(trace.gradients[path], value) for path, value in items(grads)]
        pairs += [(trace.weights[path], value) for path, value in items(engine.params)]
        for found, wanted in pairs:
            np.testing.assert_allclose(found, wanted, atol=STEPS[dtype], rtol=0)
    assert list(trace.gradients) == list(trace.weights) == [path for path, _ in items(params)]
    assert {value.dtype for _, value in items(trace.weights)} == {np.dtype(dtype)}


@every_dtype
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_steps_agree_for_every_activation(activation: str, dtype: str) -> None:
    net, loss = network("softmax", activation), losses.SparseCategoricalCrossentropy()
    assert_same_steps(net, loss, g.SGD(0.1), LABELS, dtype)


LOSSES = [
    (losses.SparseCategoricalCrossentropy(), "softmax", LABELS),
    (losses.SparseCategoricalCrossentropy(from_logits=True), "linear", LABELS),
    (losses.CategoricalCrossentropy(), "softmax", ONE_HOT),
    (losses.CategoricalCrossentropy(), "sigmoid", ONE_HOT),
    (losses.BinaryCrossentropy(), "sigmoid", SOFT),
    (losses.BinaryCrossentropy(), "softmax", SOFT),
    (losses.MeanSquaredError(), "linear", SOFT),
    (losses.MeanAbsoluteError(), "linear", SOFT),
    (losses.SquaredError(), "sigmoid", SOFT),
]


@every_dtype
@pytest.mark.parametrize(("loss", "last", "y"), LOSSES)
def test_steps_agree_for_every_loss(loss: Any, last: str, y: Any, dtype: str) -> None:
    assert_same_steps(network(last, penalty=g.L1L2(0.01, 0.02)), loss, g.SGD(0.1), y, dtype)


OPTIMIZERS = [
    g.SGD(),
    g.SGD(0.1, 0.9),
    g.SGD(0.1, 0.9, nesterov=True),
    g.RMSprop(),
    g.RMSprop(momentum=0.9),
    g.RMSprop(centered=True),
    g.RMSprop(0.01, 0.8, 0.5, 1e-5, centered=True),
    g.Adam(),
    g.Adam(0.01, 0.8, 0.99, 1e-5),
    g.Adam(g.CosineDecay(0.01, 7)),
    g.Adam(g.CosineDecay(0, 5, 0.1, warmup_target=0.02, warmup_steps=4)),
]


@every_dtype
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)
def test_steps_agree_for_every_optimizer(optimizer: Any, dtype: str) -> None:
    net, loss = network("softmax", penalty=g.L2(0.01)), losses.SparseCategoricalCrossentropy()
    assert_same_steps(net, loss, optimizer, LABELS, dtype)


def test_no_loss_or_optimizer_is_forgotten() -> None:
    assert {type(loss) for loss, *_ in LOSSES} == set(configs.classes("loss").values())
    assert {type(one) for one in OPTIMIZERS} == set(configs.classes("optimizer").values())
    assert set(configs.classes("schedule").values()) == {optimizers.CosineDecay}


def test_the_twin_names_layers_by_their_path_and_refuses_dropout() -> None:
    net = network("softmax")
    params, _ = net.init(np.random.default_rng(0), (4,))
    arguments = (losses.SparseCategoricalCrossentropy(), g.SGD(), (4,))
    trace = bridge.KerasTwin(net, *arguments, params, "float32", BACKEND).step(rows(8, 4), LABELS)
    assert list(trace.activations) == ["rescaling", "block/dense", "dense"]
    net = Sequential((*net.layers, g.Dropout(0.1)))
    with pytest.raises(g.GlassnetError, match="dropout"):
        bridge.KerasTwin(net, *arguments, params, "float32", BACKEND)
