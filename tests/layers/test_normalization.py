"""The normalization layers: moving statistics, axes, options, errors."""

from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import (
    BatchNormalization,
    CallContext,
    Dense,
    Graph,
    GroupNormalization,
    Input,
    Layer,
    LayerNormalization,
    RMSNormalization,
)
from glassnet.layers.regularizers import L2
from glassnet.model.model import Model

X = np.random.default_rng(4).normal(2, 3, (20, 4, 3))


def init(layer: Layer, shape: tuple[Any, ...] = (4, 3)) -> Any:
    return layer.init(np.random.default_rng(0), shape, "float64")[0]


def test_moving_statistics_follow_the_batch_as_in_keras() -> None:
    layer, updates = BatchNormalization(momentum=0.9), {}
    y, _ = layer.forward(init(layer), X, CallContext(training=True, updates=updates))
    np.testing.assert_allclose(y.mean(axis=(0, 1)), 0, atol=1e-12)
    mean, variance = X.mean(axis=(0, 1)), X.var(axis=(0, 1))  # divided by n, not n − 1
    np.testing.assert_allclose(updates["moving_mean"], 0.1 * mean)
    np.testing.assert_allclose(updates["moving_variance"], 0.9 + 0.1 * variance)


def test_outside_training_the_moving_statistics_are_used_and_stay() -> None:
    layer, updates = BatchNormalization(), {}
    params = init(layer) | {"moving_mean": np.full(3, 2.0), "moving_variance": np.full(3, 9.0)}
    y, _ = layer.forward(params, X, CallContext(updates=updates))
    np.testing.assert_allclose(y, (X - 2) / np.sqrt(9.001))
    assert updates == {}


def test_each_call_of_a_shared_layer_moves_the_statistics_on() -> None:
    shared, a, b = BatchNormalization(momentum=0.5), Input((3,)), Input((3,))
    graph = Graph.between([a, b], [shared(a), shared(b)])
    updates: dict[str, np.ndarray] = {}
    first, second = np.full((5, 3), 8.0), np.full((5, 3), 4.0)
    graph.forward(init(graph, ((3,), (3,))), (first, second), CallContext(True, updates=updates))
    np.testing.assert_allclose(updates["batch_normalization/moving_mean"], (0 + 8) / 4 + 4 / 2)


def test_padding_is_not_counted() -> None:
    layer, updates = BatchNormalization(momentum=0.0), {}
    mask = np.arange(4) < np.arange(20)[:, None] % 5
    layer.forward(init(layer), X, CallContext(training=True, updates=updates, mask=mask))
    np.testing.assert_allclose(updates["moving_mean"], X[mask].mean(axis=0))
    np.testing.assert_allclose(updates["moving_variance"], X[mask].var(axis=0))


def test_padding_does_not_count_whatever_the_axis() -> None:
    x, mask = np.random.default_rng(0).standard_normal((2, 3, 4, 5)), np.ones((2, 3), bool)
    mask[1, 1:] = False
    layer, updates = BatchNormalization(axis=2, momentum=0.0), {}
    params, _ = layer.init(np.random.default_rng(0), (3, 4, 5), "float64")
    layer.forward(params, x, CallContext(True, updates=updates, mask=mask))
    np.testing.assert_allclose(updates["moving_mean"], x[mask].mean(axis=(0, 2)))
    with pytest.raises(GlassnetError, match="of axis 1, the axis of steps"):
        BatchNormalization(axis=1).forward(
            init(BatchNormalization(axis=1)), X, CallContext(True, mask=mask)
        )


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_training_commits_the_moving_statistics(engine: str) -> None:
    if engine == "jax":
        pytest.importorskip("jax")
    model = Model([BatchNormalization(momentum=0.5), Dense(2)])
    model.compile("sgd", "mean_squared_error")
    x = np.random.default_rng(1).normal(5, 2, (64, 3)).astype(np.float32)
    model.fit(x, np.zeros((64, 2)), epochs=20, batch_size=64, engine=engine, verbose=0)
    moved = model.params["batch_normalization"]
    np.testing.assert_allclose(moved["moving_mean"], x.mean(axis=0), rtol=1e-4)
    np.testing.assert_allclose(moved["moving_variance"], x.var(axis=0), rtol=1e-4)


def test_weights_are_as_in_keras() -> None:
    names = ["gamma", "beta", "moving_mean", "moving_variance"]
    weights = BatchNormalization(axis=1, gamma_regularizer="l2").weights((4, 3))
    assert list(weights) == names
    assert {weight.shape for weight in weights.values()} == {(4,)}
    assert [weight.trainable for weight in weights.values()] == [True, True, False, False]
    assert [weight.regularizer for weight in weights.values()] == [L2(), None, None, None]
    assert LayerNormalization(axis=(-1, 1)).weights((4, 3))["gamma"].shape == (4, 3)
    assert GroupNormalization(3).weights((4, 3))["beta"].shape == (3,)
    assert {n: w.shape for n, w in RMSNormalization().weights((4, 3)).items()} == {"scale": (3,)}


def test_only_rms_normalization_ends_the_padding_mask_as_in_keras() -> None:
    x, mask = np.ones((1, 2, 3)), np.ones((1, 2), bool)
    assert RMSNormalization().output_mask(x, mask) is None
    assert LayerNormalization().output_mask(x, mask) is mask


def test_scale_and_offset_can_be_left_out() -> None:
    bare = BatchNormalization(center=False, scale=False)
    assert list(bare.weights((3,))) == ["moving_mean", "moving_variance"]
    assert not bare.learns
    assert list(LayerNormalization(scale=False).weights((3,))) == ["beta"]
    assert GroupNormalization(3, center=False).learns


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: init(BatchNormalization(axis=0)), "BatchNormalization: axis 0 is not valid"),
        (lambda: init(BatchNormalization(axis=3)), "BatchNormalization: axis 3 is not valid"),
        (lambda: init(LayerNormalization(axis=(1, -2))), r"axis \(1, -2\) is not valid"),
        (lambda: init(LayerNormalization(axis=())), "LayerNormalization: axis"),
        (lambda: init(RMSNormalization(axis=-4)), "RMSNormalization: axis -4"),
        (lambda: init(GroupNormalization(2)), "3 channels can't be split into 2 groups"),
        (lambda: GroupNormalization(0), "GroupNormalization: groups: must be a whole number"),
        (lambda: LayerNormalization(epsilon=0.0), "LayerNormalization: epsilon must be"),
        (lambda: RMSNormalization(epsilon=-1.0), "RMSNormalization: epsilon must be"),
        (lambda: BatchNormalization(momentum=1.5), r"momentum must be in \[0, 1\]"),
        (lambda: BatchNormalization(gamma_initializer="one"), "Did you mean 'ones'"),
        (lambda: LayerNormalization(beta_regularizer="l3"), "unknown regularizer 'l3'"),
        (lambda: BatchNormalization(moving_mean_initializer="zero"), "Did you mean 'zeros'"),
    ],
)
def test_refusals(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(GlassnetError, match=message):
        make()
