"""One step: fusion of the last activation with the loss, and weight penalties."""

from dataclasses import replace

import numpy as np
import pytest

from glassnet import metrics
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import from_items, items
from glassnet.layers import (
    Activation,
    Add,
    CallContext,
    Conv1D,
    Dense,
    Dropout,
    Flatten,
    Graph,
    Input,
    Layer,
    Masking,
    Sequential,
    TimeDistributed,
)
from glassnet.layers.regularizers import L1L2
from glassnet.losses import (
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    Loss,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
    SparseCategoricalFocalCrossentropy,
)
from glassnet.metrics.accuracies import sparse_accuracy
from glassnet.training.criterion import Criterion
from glassnet.training.output_activation import fuse_output_activation, last_activation
from glassnet.training.output_specs import OutputSpec, objective_of
from glassnet.training.step import Objective
from glassnet.verify.gradcheck import gradcheck

RNG = np.random.default_rng(0)
X, LABELS = RNG.standard_normal((6, 4)), np.array([0, 1, 2, 2, 1, 0])
CALL = CallContext(training=True, seed=1, wrt_x=False)
NESTED = Sequential(
    (
        Dropout(0.2),
        Dense(5, "tanh", kernel_regularizer=L1L2(0.1, 0.2)),
        Sequential((Dropout(0.2), Dense(3), Activation("softmax"))),
    )
)


def _graph(shared: bool = False, used: bool = False) -> Graph:
    """Two branches that end in one softmax, which may be called or used twice."""
    x = Input((4,))
    h = Dense(5, "tanh")(x)
    last = Dense(3, "softmax", name="last")
    y = last(Add()(h, Dense(5)(x)))
    if shared:
        y = Add()(y, last(h))
        return Graph.between(x, Activation("softmax")(y))
    return Graph.between(x, [y, Dense(2)(y)] if used else y)


def objective(network: Layer, loss: Loss) -> Objective:
    return Objective(network, Criterion(loss), network.weights((4,)))


@pytest.mark.parametrize(
    ("network", "loss", "y"),
    [
        (Sequential((Dense(3, "softmax"),)), SparseCategoricalCrossentropy(), LABELS),
        (Sequential((Dense(3, "softmax"),)), CategoricalCrossentropy(), np.eye(3)[LABELS]),
        (Sequential((Dense(3, "sigmoid"),)), BinaryCrossentropy(), np.eye(3)[LABELS]),
        (Dense(3, "softmax"), SparseCategoricalCrossentropy(), LABELS),
        (NESTED, SparseCategoricalCrossentropy(), LABELS),
        (_graph(), SparseCategoricalCrossentropy(), LABELS),
        (_graph(shared=True), SparseCategoricalCrossentropy(), LABELS),
        (Sequential((_graph(),)), SparseCategoricalCrossentropy(label_smoothing=0.1), LABELS),
        (_graph(), SparseCategoricalFocalCrossentropy(), LABELS),
        (Dense(3, "sigmoid"), BinaryFocalCrossentropy(True, 0.3), np.eye(3)[LABELS]),
    ],
)
def test_joined_is_unjoined_in_the_normal_range(network: Layer, loss: Loss, y: np.ndarray) -> None:
    params, _ = network.init(np.random.default_rng(1), (4,), "float64")
    together = objective(*fuse_output_activation(network, loss))
    assert together.criterion.loss == replace(loss, from_logits=True)
    assert last_activation(together.network) is None
    apart = objective(network, loss).value_and_gradients(params, X, y, CALL)
    found = together.value_and_gradients(params, X, y, CALL)
    assert found[0] == pytest.approx(apart[0], rel=1e-12)
    for (path, a), (other, b) in zip(items(found[2]), items(apart[2]), strict=True):
        assert path == other
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("network", "loss"),
    [
        (Sequential((Dense(3, "sigmoid"),)), CategoricalCrossentropy()),
        (Sequential((Dense(3, "softmax"),)), BinaryCrossentropy()),
        (Sequential((Dense(3, "softmax"),)), MeanSquaredError()),
        (Sequential((Dense(3),)), CategoricalCrossentropy(from_logits=True)),
        (_graph(used=True), CategoricalCrossentropy()),
    ],
)
def test_what_does_not_belong_together_is_left_apart(network: Layer, loss: Loss) -> None:
    assert fuse_output_activation(network, loss) == (network, loss)


@pytest.mark.parametrize(
    ("layer", "linear"),
    [
        (Conv1D(3, 2, activation="softmax"), Conv1D(3, 2, activation="linear")),
        (
            TimeDistributed(Dense(3, "softmax")),
            TimeDistributed(Dense(3, "linear")),
        ),
    ],
)
def test_other_layers_end_in_an_activation_too(layer: Layer, linear: Layer) -> None:
    together, loss = fuse_output_activation(Sequential((layer,)), SparseCategoricalCrossentropy())
    (_, found) = together.parts[0]
    assert replace(found, name=None) == linear
    assert loss == SparseCategoricalCrossentropy(from_logits=True)


def test_a_softmax_that_is_used_elsewhere_stays() -> None:
    """It computes the outputs, so the loss fits it; but removing it would change other values."""
    x = Input((4,))
    last = Dense(4, "softmax")
    twice = Graph.between(x, last(last(x)))
    assert last_activation(twice) == "softmax"
    assert fuse_output_activation(twice, CategoricalCrossentropy()) == (
        twice,
        CategoricalCrossentropy(),
    )


def test_weights_count_in_the_step() -> None:
    """The gradient of Σ w l / N is the sum of the examples' own, times their weights."""
    network, loss = Sequential((Dense(3),)), SparseCategoricalCrossentropy(True)
    params, _ = network.init(np.random.default_rng(1), (4,), "float64")
    weights = RNG.uniform(0, 2, 6)
    accuracy = {"accuracy": sparse_accuracy, "w": sparse_accuracy}
    full = Objective(
        network, Criterion(loss, accuracy, weighted=frozenset({"w"})), network.weights((4,))
    )
    found, measured, grads = full.value_and_gradients(params, X, (LABELS, weights), CALL)
    alone = [full.value_and_gradients(params, X[[i]], LABELS[[i]], CALL) for i in range(6)]
    assert found == pytest.approx(weights @ [one[0] for one in alone] / 6)
    wanted = sum(w * one[2]["dense"]["kernel"] for w, one in zip(weights, alone, strict=True)) / 6
    np.testing.assert_allclose(grads["dense"]["kernel"], wanted, rtol=1e-10)
    right = np.array([one[1]["accuracy"] for one in alone])
    assert measured["accuracy"] == pytest.approx(right.mean())
    assert measured["w"] / measured["w/weights"] == pytest.approx(
        np.average(right, weights=weights)
    )
    assert alone[0][1].keys() == {"accuracy", "w"}  # without weights, all count alike


def test_joined_learns_where_apart_is_dead() -> None:
    """Logits of 1e4 on the wrong class: separately, the gradient is 0; fused, it is right."""
    network, loss = Sequential((Dense(3, "softmax"),)), SparseCategoricalCrossentropy()
    params = {"dense": {"kernel": np.eye(3, dtype=np.float32), "bias": np.zeros(3, np.float32)}}
    x, y = np.array([[1e4, -1e4, 0]], np.float32), np.array([1])
    found, _, grads = objective(*fuse_output_activation(network, loss)).value_and_gradients(
        params, x, y, CALL
    )
    assert found == pytest.approx(2e4)
    assert grads["dense"]["bias"].tolist() == [1, -1, 0]
    _, _, dead = objective(network, loss).value_and_gradients(params, x, y, CALL)
    assert not dead["dense"]["bias"].any()


def test_the_whole_step_is_the_derivative_penalties_included() -> None:
    network, loss = fuse_output_activation(NESTED, SparseCategoricalCrossentropy())
    full = objective(network, loss)
    params, _ = network.init(np.random.default_rng(1), (4,), "float64")
    paths = [path for path, _ in items(params)]

    def op(*leaves: np.ndarray):  # type: ignore[no-untyped-def]
        tree = from_items(dict(zip(paths, leaves, strict=True)))
        value, _, grads = full.value_and_gradients(tree, X, LABELS, CALL)
        found = dict(items(grads))
        return value, lambda dy: tuple(dy * found[path] for path in paths)

    gradcheck(op, *(leaf for _, leaf in items(params)))


def test_penalties_by_hand() -> None:
    network = Sequential((Dense(1, kernel_regularizer=L1L2(0.1, 0.01)), Dense(1)))
    params = {
        name: {"kernel": np.array([[-3.0]]), "bias": np.ones(1)} for name in ("dense", "dense_1")
    }
    full = Objective(network, Criterion(MeanSquaredError()), network.weights((1,)))
    value, pullback = full.penalty(params)
    assert value == pytest.approx(0.1 * 3 + 0.01 * 9)
    zeros = from_items({path: leaf * 0 for path, leaf in items(params)})
    grads = dict(items(pullback(zeros)))
    assert grads["dense/kernel"] == pytest.approx(-0.1 - 0.06)
    assert not any(leaf.any() for path, leaf in grads.items() if path != "dense/kernel")


def test_a_network_without_weights_has_nothing_to_train() -> None:
    with pytest.raises(GlassnetError, match=r"no weights to train. Add a Dense layer"):
        _ = objective(Sequential((Flatten(),)), MeanSquaredError()).trained


def test_padding_at_the_end_of_the_network_counts_nowhere() -> None:
    padded = Sequential((Masking(), Dense(4, "tanh"), Dense(3, "softmax")))
    x, labels = RNG.standard_normal((2, 5, 4)), RNG.integers(0, 3, (2, 5))
    x[0, 3:] = 0
    params, _ = padded.init(np.random.default_rng(0), (5, 4), "float64")
    chosen, weighted = metrics.chosen("accuracy"), metrics.chosen(["mse"])
    wanted = OutputSpec(SparseCategoricalCrossentropy(), chosen, weighted)
    full = objective_of(padded, wanted, padded.weights((5, 4)), (5, 3))
    weights = RNG.uniform(0, 2, (2, 5))
    loss, found, grads = full.value_and_gradients(params, x, (labels, weights), CALL)
    rows = x.any(axis=-1)
    short = replace(full, network=Sequential(full.network.layers[1:]))
    wanted, alike, grads_too = short.value_and_gradients(
        params, x[rows], (labels[rows], weights[rows]), CALL
    )
    assert loss == pytest.approx(wanted)
    for name in ("accuracy", "mse"):
        mean = found[name] / found[f"{name}/weights"]
        assert mean == pytest.approx(alike[name] / alike.get(f"{name}/weights", 1))
    for (path, a), (_, b) in zip(items(grads), items(grads_too), strict=True):
        np.testing.assert_allclose(a, b, err_msg=path)


def test_every_output_of_a_graph_has_its_mask() -> None:
    x = Input((3, 2))
    h = Masking()(x)
    graph = Graph.between(x, [Dense(2)(h), Flatten()(h)])
    params, _ = graph.init(np.random.default_rng(0), (3, 2))
    call = CallContext(masks=[])
    graph.forward(params, np.array([[[1.0, 1], [0, 0], [2, 2]]]), call)
    first, second = call.masks or ()
    assert first.tolist() == [[True, False, True]]  # type: ignore[union-attr]
    assert second is None
