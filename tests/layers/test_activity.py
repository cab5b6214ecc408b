"""Penalties on the outputs of layers."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import build, describe
from glassnet.layers import (
    ActivityRegularization,
    CallContext,
    Dense,
    Identity,
    Layer,
    Sequential,
    TimeDistributed,
)
from glassnet.layers.activity import forward_penalized
from glassnet.layers.regularizers import L1, L1L2
from glassnet.layers.shapes import infer_shape
from glassnet.losses import SparseCategoricalCrossentropy
from glassnet.model.model import Model
from glassnet.training.output_activation import fuse_output_activation

X = np.array([[1.0, -2], [3, 0]])
PENALIZED = [
    (ActivityRegularization(0.5, 0.25), (0.5 * 6 + 0.25 * 14) / 2, [[0.5, -0.75], [1, 0]]),
    (Identity(activity_regularizer="l1"), 0.03, [[0.005, -0.005], [0.005, 0]]),
]


@pytest.mark.parametrize(("layer", "penalty", "gradient"), PENALIZED)
def test_penalties_are_means_over_the_batch(
    layer: Layer, penalty: float, gradient: list[list[float]]
) -> None:
    context = CallContext(penalties=[])
    y, back = forward_penalized(layer, {}, X, context)
    assert y is X
    assert context.penalties == [pytest.approx(penalty)]
    np.testing.assert_allclose(back(np.ones((2, 2)))[0], 1 + np.array(gradient))


def test_without_a_list_for_penalties_gradients_are_those_of_the_outputs() -> None:
    layer = ActivityRegularization(0.5)
    _, back = forward_penalized(layer, {}, X, CallContext())
    assert back(X)[0] is X


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_a_penalty_is_in_the_loss_of_training_and_evaluation(engine: str) -> None:
    x, y = np.ones((5, 2), "f4"), np.zeros((5, 1), "f4")
    model = Model([Dense(1, activity_regularizer=L1L2(l2=2.0), kernel_initializer="ones")],
                  input_shape=(2,))  # fmt: skip
    model.compile("sgd", "mse")
    assert model.evaluate(x, y, verbose=0) == pytest.approx(4 + 2 * 4)
    history = model.fit(x, y, batch_size=5, verbose=0, engine=engine)
    assert history.history["loss"] == [pytest.approx(12)]
    # d loss / d kernel = 2 · 2 + 2 · 2 · 2 = 12
    np.testing.assert_allclose(model.get_weights()[0], [[0.88], [0.88]], rtol=1e-6)


def test_a_penalized_softmax_is_not_fused_with_the_loss() -> None:
    net = Sequential((Dense(3, "softmax", activity_regularizer="l1"),))
    loss = SparseCategoricalCrossentropy()
    assert fuse_output_activation(net, loss) == (net, loss)


def test_files_hold_a_penalty_only_if_there_is_one() -> None:
    assert "activity_regularizer" not in describe(Dense(3))
    for layer in (Dense(3), Dense(3, activity_regularizer=L1(0.1))):
        assert build("layer", describe(layer)) == layer


def test_layers_made_of_layers_have_no_penalty() -> None:
    inner = Sequential((Dense(3),), activity_regularizer="l1")
    with pytest.raises(GlassnetError, match="Put an ActivityRegularization layer after it"):
        infer_shape(inner, "inner", (4,))
    with pytest.raises(GlassnetError, match="Put an ActivityRegularization layer after it"):
        TimeDistributed(Dense(3, activity_regularizer="l1"))
    with pytest.raises(GlassnetError, match="unknown regularizer 'l3'"):
        infer_shape(Identity(activity_regularizer="l3"), "x", (4,))
