"""Running means over batches of different sizes."""

import numpy as np
import pytest

from glassnet.training.running_means import Means


def test_batches_count_by_their_size_and_the_loss_comes_last() -> None:
    means = Means()
    means.add(np.array([4, 4]), {"loss": np.array([1.0, 2.0]), "accuracy": np.array([0.5, 1.0])})
    means.add(np.array([2]), {"loss": np.array([7.0]), "accuracy": np.array([0.0])})
    assert means.logs() == pytest.approx({"accuracy": 0.6, "loss": 2.6})
    assert list(means.logs()) == ["accuracy", "loss"]


def test_a_weighted_metric_is_divided_by_the_weights() -> None:
    means = Means()
    sizes = np.array([2, 1])
    means.add(sizes, {"m": np.array([3.0, 6.0]), "m/weights": np.array([2.0, 8.0]), "n": sizes})
    assert means.logs() == pytest.approx({"m": 1.0, "n": 5 / 3})
    nothing = Means()
    nothing.add(sizes, {"m": np.zeros(2), "m/weights": np.zeros(2)})
    assert nothing.logs() == {"m": 0.0}
