"""Evaluation block by block equals evaluation of the whole data set."""

import tracemalloc
from typing import Any

import numpy as np
import pytest
import sklearn.metrics

from glassnet import metrics
from glassnet.layers import Conv2D, Dense, GlobalAveragePooling2D, Masking, Sequential
from glassnet.layers.regularizers import L2
from glassnet.losses import MeanSquaredError, SparseCategoricalCrossentropy
from glassnet.training.callbacks.callback_list import CallbackList
from glassnet.training.evaluate import BLOCK, Evaluation, block_size
from glassnet.training.examples import Examples
from glassnet.training.output_specs import OutputSpec, objective_of
from glassnet.training.step import Objective

RNG = np.random.default_rng(0)
ROWS = 2 * BLOCK + 7
X, Y = RNG.standard_normal((ROWS, 4)), RNG.integers(0, 3, ROWS)
WEIGHTS = RNG.uniform(0, 2, ROWS)
NETWORK = Sequential((Dense(3, "softmax", kernel_regularizer=L2(0.5)),))
PARAMS, _ = NETWORK.init(np.random.default_rng(0), (4,), "float64")
LOSS = SparseCategoricalCrossentropy()
OUTPUTS, _ = NETWORK.forward(PARAMS, X)


def evaluated(
    objective: Objective, params: Any, x: Any, y: Any, dtype: str, size: int | None = None
) -> dict[str, float]:
    """Evaluate on arrays, in blocks of this size."""
    evaluation = Evaluation(objective, Examples(x, y), dtype, batch_size=size)
    return evaluation(params, CallbackList(()))


def test_blocks_count_by_their_size_and_penalties_count_once() -> None:
    objective = objective_of(
        NETWORK, OutputSpec(LOSS, metrics.chosen("accuracy")), NETWORK.weights((4,)), (3,)
    )
    found = evaluated(objective, PARAMS, X, Y, "float64")
    penalty = 0.5 * (PARAMS["dense"]["kernel"] ** 2).sum()
    assert list(found) == ["loss", "accuracy"]
    assert found["loss"] == pytest.approx(LOSS(Y, OUTPUTS) + penalty)
    assert found["accuracy"] == pytest.approx((OUTPUTS.argmax(axis=1) == Y).mean())


def test_weights_count_in_the_loss_and_in_weighted_metrics_only() -> None:
    plain = metrics.chosen(["accuracy", "recall"])
    weighted = metrics.chosen(["accuracy", "recall"], plain)
    objective = objective_of(
        NETWORK, OutputSpec(LOSS, plain, weighted), NETWORK.weights((4,)), (3,)
    )
    found = evaluated(objective, PARAMS, X, (Y, WEIGHTS), "float64")
    right, predicted = OUTPUTS.argmax(axis=1) == Y, OUTPUTS.argmax(axis=1)
    penalty = 0.5 * (PARAMS["dense"]["kernel"] ** 2).sum()
    assert found["loss"] == pytest.approx(LOSS(Y, OUTPUTS, WEIGHTS) + penalty)
    assert found["accuracy"] == pytest.approx(right.mean())
    assert found["weighted_accuracy"] == pytest.approx(np.average(right, weights=WEIGHTS))
    recall = sklearn.metrics.recall_score
    assert found["recall"] == pytest.approx(recall(Y, predicted, average="macro"))
    wanted = recall(Y, predicted, average="macro", sample_weight=WEIGHTS)
    assert found["weighted_recall"] == pytest.approx(wanted)


@pytest.mark.parametrize("size", [1, 4, 100])
def test_padding_counts_nowhere_whatever_the_blocks(size: int) -> None:
    network = Sequential((Masking(), Dense(3, "softmax")))
    params, _ = network.init(np.random.default_rng(0), (5, 4), "float64")
    x, y = RNG.standard_normal((9, 5, 4)), RNG.integers(0, 3, (9, 5))
    x[:6, 2:] = 0
    mask, weights = x.any(axis=-1), RNG.uniform(0, 2, 9)
    plain = metrics.chosen(["accuracy", "recall"])
    weighted = metrics.chosen(["accuracy", "recall"], plain)
    objective = objective_of(
        network, OutputSpec(LOSS, plain, weighted), network.weights((5, 4)), (5, 3)
    )
    found = evaluated(objective, params, x, (y, weights), "float64", size)
    outputs, labels = network.forward(params, x)[0][mask], y[mask]
    steps, right = np.repeat(weights, mask.sum(axis=1)), outputs.argmax(axis=1) == labels
    assert found["loss"] == pytest.approx(LOSS(labels, outputs, steps))
    assert found["accuracy"] == pytest.approx(right.mean())
    assert found["weighted_accuracy"] == pytest.approx(np.average(right, weights=steps))
    recall = sklearn.metrics.recall_score
    assert found["recall"] == pytest.approx(recall(labels, outputs.argmax(1), average="macro"))
    wanted = recall(labels, outputs.argmax(1), average="macro", sample_weight=steps)
    assert found["weighted_recall"] == pytest.approx(wanted)


def test_blocks_are_as_large_as_memory_allows() -> None:
    network = Sequential((Conv2D(16, 5, padding="same"), GlobalAveragePooling2D(), Dense(2)))
    params, _ = network.init(np.random.default_rng(0), (32, 32, 4))
    x, y = np.zeros((300, 32, 32, 4), np.uint8), np.zeros((300, 2), np.float32)
    objective = objective_of(
        network, OutputSpec(MeanSquaredError()), network.weights((32, 32, 4)), (2,)
    )
    size = block_size(network, params, x, "float32")
    assert 16 < size < 300
    tracemalloc.start()
    try:
        found = evaluated(objective, params, x, y, "float32")
        assert tracemalloc.get_traced_memory()[1] < 2**28  # all at once would take more
    finally:
        tracemalloc.stop()
    assert found == pytest.approx(evaluated(objective, params, x, y, "float32", 7))
    assert block_size(NETWORK, PARAMS, X, "float64") == BLOCK
    assert block_size(network, params, x[:5], "float32") >= 5
