"""Judging block by block is judging the whole."""

import numpy as np
import pytest

from glassnet import metrics
from glassnet.layers import Dense, Sequential
from glassnet.layers.regularizers import L2
from glassnet.losses import SparseCategoricalCrossentropy
from glassnet.training.judge import BLOCK, judge
from glassnet.training.step import Task

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((2 * BLOCK + 7, 4)), RNG.integers(0, 3, 2 * BLOCK + 7)


def test_blocks_count_by_their_size_and_penalties_count_once() -> None:
    network = Sequential((Dense(3, kernel_regularizer=L2(0.5)),))
    params, _ = network.init(np.random.default_rng(0), (4,), "float64")
    loss = SparseCategoricalCrossentropy(from_logits=True)
    accuracy = metrics.get("accuracy", labels=True, classes=3, logits=True)
    task = Task(network, loss, {"accuracy": accuracy}, network.weights((4,)))
    found = judge(task, params, X, Y, "float64")
    outputs, _ = network.forward(params, X)
    penalty = 0.5 * (params["dense"]["kernel"] ** 2).sum()
    assert list(found) == ["loss", "accuracy"]
    assert found["loss"] == pytest.approx(loss(outputs, Y)[0] + penalty)
    assert found["accuracy"] == pytest.approx((outputs.argmax(axis=1) == Y).mean())
