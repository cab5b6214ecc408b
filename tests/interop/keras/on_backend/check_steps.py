"""The same steps: losses, activations, gradients and weights, ten steps long."""

from typing import Any

import keras
import numpy as np
import pytest

import glassnet as g
from glassnet import layers, losses
from glassnet.core import registry
from glassnet.core.trees import items, map_leaves
from glassnet.engines.numpy import NumpyEngine
from glassnet.engines.state import State
from glassnet.interop.keras import export as bridge
from glassnet.interop.keras.backend import precision
from glassnet.interop.keras.building.compile import loss_to_keras
from glassnet.interop.keras.building.model import to_numpy
from glassnet.layers import CallContext, Layer, Sequential
from glassnet.ops.activations import ACTIVATIONS
from glassnet.training.criterion import Criterion
from glassnet.training.output_activation import fuse_output_activation
from glassnet.training.step import Objective
from glassnet.verify.twin.steppers import EngineStepper, Setup
from tests.interop.keras.on_backend import BACKEND, rows
from tests.interop.keras.on_backend.constrained import IMAGES, WORDS

STEPS = {"float32": 1e-5, "float64": 1e-13}
INEXACT = losses.LogCosh  # TensorFlow has its constant in single precision

every_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])

LABELS = np.arange(8) % 3
ONE_HOT, SOFT = np.eye(3)[LABELS], np.abs(np.sin(np.arange(24.0))).reshape(8, 3)


def network(last: str, activation: str = "tanh", penalty: Any = None) -> Sequential:
    inner = Sequential((g.Dense(5, activation, kernel_regularizer=penalty),), name="block")
    return Sequential((g.Rescaling(0.3, 0.1), inner, g.Dense(3, last)))


def assert_same_steps(net: Layer, loss: Any, optimizer: Any, y: Any, dtype: str) -> None:
    """Ten steps here and there: losses, activations, gradients and weights."""
    atol = 1e-8 if dtype == "float64" and isinstance(loss, INEXACT) else STEPS[dtype]
    x = rows(8, 4).astype(dtype)
    y = y if y.dtype.kind == "i" else y.astype(dtype)
    params, _ = net.init(np.random.default_rng(1), (4,), dtype)
    twin = bridge.KerasTwin(net, loss, optimizer, (4,), params, dtype, BACKEND)
    slots = {name: map_leaves(np.zeros_like, params) for name in optimizer.slots}
    network, last_loss = fuse_output_activation(net, loss)
    objective = Objective(network, Criterion(last_loss), net.weights((4,)))
    engine = NumpyEngine(objective, optimizer, State(0, params, slots), 0)
    for step in range(10):
        expected, _, grads = objective.value_and_gradients(
            engine.params, x, y, CallContext(True, wrt_x=False)
        )
        grads = map_leaves(np.copy, grads)
        last = objective.network.forward(engine.params, x)[0]
        engine.run(x, y, [np.arange(8)], [optimizer.rate(step)])
        trace = twin.step(x, y)
        pairs = [(trace.loss, float(expected)), (list(trace.activations.values())[-1], last)]
        pairs += [(trace.gradients[path], value) for path, value in items(grads)]
        pairs += [(trace.weights[path], value) for path, value in items(engine.params)]
        for found, wanted in pairs:
            scale = max(1.0, float(np.max(np.abs(wanted))))  # of percentages
            np.testing.assert_allclose(found, wanted, atol=atol * scale, rtol=0)
    assert list(trace.gradients) == list(trace.weights) == [path for path, _ in items(params)]
    assert {value.dtype for _, value in items(trace.weights)} == {np.dtype(dtype)}


@every_dtype
@pytest.mark.parametrize("activation", sorted({*ACTIVATIONS} - {"sparsemax"}))  # wrong in Keras
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
    (losses.CategoricalCrossentropy(label_smoothing=0.1), "softmax", ONE_HOT),
    (losses.SparseCategoricalCrossentropy(label_smoothing=0.1), "softmax", LABELS),
    (losses.BinaryCrossentropy(label_smoothing=0.2), "sigmoid", ONE_HOT),
    (losses.CategoricalFocalCrossentropy(), "softmax", ONE_HOT),
    (losses.SparseCategoricalFocalCrossentropy(), "softmax", LABELS),
    (losses.BinaryFocalCrossentropy(), "sigmoid", ONE_HOT),
    (losses.KLDivergence(), "softmax", SOFT),
    (losses.Poisson(), "softmax", SOFT),
    (losses.Huber(0.3), "linear", SOFT),
    (losses.LogCosh(), "linear", SOFT),
    (losses.CosineSimilarity(), "linear", SOFT),
    (losses.Hinge(), "linear", ONE_HOT),
    (losses.SquaredHinge(), "linear", ONE_HOT),
    (losses.CategoricalHinge(), "linear", ONE_HOT),
    (losses.Dice(), "sigmoid", ONE_HOT),
    (losses.Tversky(), "softmax", ONE_HOT),
    (losses.Tversky(alpha=0.3, beta=0.6), "sigmoid", ONE_HOT),
    (losses.CategoricalGeneralizedCrossEntropy(), "softmax", LABELS),
    (losses.MeanSquaredLogarithmicError(), "softmax", SOFT),
    (losses.MeanAbsolutePercentageError(), "linear", SOFT + 50),  # no errors that change sign
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


def test_no_loss_is_forgotten() -> None:
    tested = {losses.CTC, *(type(loss) for loss, *_ in LOSSES)}
    assert tested == set(registry.classes("loss").values())


@every_dtype
def test_ctc_agrees(dtype: str) -> None:
    logits, labels = rows(3, 7, 4).astype(dtype), np.array([[1, 2, 3], [2, 2, 0], [3, 0, 0]])
    with precision(dtype):
        theirs = loss_to_keras(losses.CTC())(labels, keras.ops.convert_to_tensor(logits))
    expected, _ = losses.CTC().forward(logits, labels)
    assert float(to_numpy(theirs)) == pytest.approx(float(expected), rel=1e-5)


def test_the_twin_names_layers_by_their_path_and_refuses_dropout() -> None:
    net = network("softmax")
    params, _ = net.init(np.random.default_rng(0), (4,))
    arguments = (losses.SparseCategoricalCrossentropy(), g.SGD(), (4,))
    trace = bridge.KerasTwin(net, *arguments, params, "float32", BACKEND).step(rows(8, 4), LABELS)
    assert list(trace.activations) == ["rescaling", "block/dense", "block", "dense"]
    net = Sequential((*net.layers, g.Dropout(0.1)))
    with pytest.raises(g.GlassnetError, match="dropout"):
        bridge.KerasTwin(net, *arguments, params, "float32", BACKEND)


def graph() -> Layer:
    """A shared layer, a residual block in which it is, statistics, a pool."""
    x = layers.Input((8, 4))
    shared = g.Dense(4, "relu", name="shared")
    h = layers.Residual((layers.BatchNormalization(), g.Dense(4, "tanh")), name="block")(shared(x))
    h = layers.MaxPooling1D(2)(layers.Add()(shared(h), x))
    h = layers.MultiHeadAttention(2, 2, causal=True)(h)
    h = layers.LSTM(3)(h)
    return layers.Graph.between(x, g.Dense(3, "softmax", kernel_regularizer=g.L2(0.01))(h))


@every_dtype
def test_steps_agree_in_a_graph(dtype: str) -> None:
    net, loss = graph(), losses.SparseCategoricalCrossentropy()
    x = rows(8, 8, 4).astype(dtype)
    params, _ = net.init(np.random.default_rng(1), (8, 4), dtype)
    setup = Setup(net, (8, 4), params, loss, g.Adam(), dtype)
    first = EngineStepper("numpy", setup)
    twin = bridge.KerasTwin(net, loss, g.Adam(), (8, 4), params, dtype, BACKEND)
    for step in range(6):
        ours, theirs = first.step(x, LABELS), twin.step(x, LABELS)
        assert theirs.loss == pytest.approx(ours.loss, rel=1e-5)
        for kind in ("activations", "gradients", "weights"):
            wanted, found = getattr(ours, kind), getattr(theirs, kind)
            assert wanted.keys() <= found.keys()
            for place, value in wanted.items():
                atol = 10 * STEPS[dtype]
                np.testing.assert_allclose(found[place], value, rtol=0, atol=atol, err_msg=place)
        if step == 2:
            twin.load(first.engine.state())
    assert {"shared", "shared:1", "block/body/dense", "block"} <= ours.activations.keys()
    statistics = "block/body/batch_normalization/moving_mean"
    assert (ours.weights[statistics] != 0).all()
    assert statistics not in ours.gradients


@every_dtype
def test_padding_counts_in_neither_loss(dtype: str) -> None:
    inner = (g.Embedding(5, 4, mask_zero=True), layers.GRU(4, return_sequences=True))
    net, loss = Sequential((*inner, g.Dense(3, "softmax"))), losses.SparseCategoricalCrossentropy()
    x, y = np.arange(40).reshape(8, 5) % 5, np.arange(40).reshape(8, 5) % 3
    x[:4, 2:] = 0
    params, _ = net.init(np.random.default_rng(1), (5,), dtype)
    twin = bridge.KerasTwin(net, loss, g.SGD(0.5), (5,), params, dtype, BACKEND)
    ours = EngineStepper("numpy", Setup(net, (5,), params, loss, g.SGD(0.5), dtype))
    for _ in range(3):
        a, b = ours.step(x, y), twin.step(x, y)
        assert b.loss == pytest.approx(a.loss, abs=STEPS[dtype])
        for path, gradient in a.gradients.items():
            np.testing.assert_allclose(b.gradients[path], gradient, atol=STEPS[dtype])


@every_dtype
@pytest.mark.parametrize("net", [IMAGES, WORDS], ids=["images", "words"])
def test_constraints_hold_in_both(net: Layer, dtype: str) -> None:
    shape = (6, 6, 2) if net is IMAGES else (6,)
    x = rows(8, *shape) if net is IMAGES else np.arange(48).reshape(8, 6) % 7
    params, _ = net.init(np.random.default_rng(1), shape, dtype)
    loss = losses.SparseCategoricalCrossentropy()
    twin = bridge.KerasTwin(net, loss, g.SGD(0.1), shape, params, dtype, BACKEND)
    ours = EngineStepper("numpy", Setup(net, shape, params, loss, g.SGD(0.1), dtype))
    for _ in range(3):
        a, b = ours.step(x, LABELS), twin.step(x, LABELS)
        for path, weight in a.weights.items():
            np.testing.assert_allclose(b.weights[path], weight, atol=STEPS[dtype], err_msg=path)


@every_dtype
@pytest.mark.parametrize(
    "optimizer",
    [
        g.SGD(0.1, 0.9),
        g.AdamW(0.01, weight_decay=0.1),
        g.Adam(0.01, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=3),
        g.Adam(0.01, global_clipnorm=0.1),
    ],
)
def test_steps_agree_with_frozen_layers(optimizer: Any, dtype: str) -> None:
    frozen = g.BatchNormalization(trainable=False)
    body = Sequential((g.Dense(5, "tanh", kernel_regularizer="l2", trainable=False), frozen))
    trained = Sequential((g.Dense(4, "tanh", kernel_regularizer="l2"), g.BatchNormalization()))
    between = g.Dense(4, "tanh", kernel_constraint="unit_norm", trainable=False)
    net = Sequential((body, trained, between, g.Dense(3, "softmax")))
    loss, x = losses.SparseCategoricalCrossentropy(), rows(8, 4).astype(dtype)
    params, _ = net.init(np.random.default_rng(1), (4,), dtype)
    setup = Setup(net, (4,), params, loss, optimizer, dtype)
    ours = EngineStepper("numpy", setup)
    theirs = bridge.KerasTwin(net, loss, optimizer, (4,), params, dtype, BACKEND)
    for _ in range(5):
        a, b = ours.step(x, LABELS), theirs.step(x, LABELS)
        np.testing.assert_allclose(a.loss, b.loss, rtol=STEPS[dtype])
        for path, weight in a.weights.items():
            np.testing.assert_allclose(b.weights[path], weight, atol=10 * STEPS[dtype])
    moved = {p for p, weight in items(params) if not np.array_equal(weight, b.weights[p])}
    assert {path.rpartition("/")[0] for path in moved} == {
        "sequential_1/dense", "sequential_1/batch_normalization", "dense_1",
    }  # fmt: skip
    assert {path for path in moved if "moving" in path} == {
        "sequential_1/batch_normalization/moving_mean",
        "sequential_1/batch_normalization/moving_variance",
    }
