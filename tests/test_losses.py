"""Losses as Keras names them, with Keras's own numbers."""

import numpy as np
import pytest

from glassnet import losses
from glassnet.errors import GlassnetError
from tests.reference import reference


@pytest.mark.parametrize("case", reference("losses"), ids=lambda case: case["class"])
def test_like_keras(case: dict) -> None:
    loss = getattr(losses, case["class"])(**case["options"])
    targets = np.array(case["targets"])
    value, _ = loss(np.array(case["outputs"]), targets)
    assert value == pytest.approx(case["value"], rel=1e-6)  # Keras takes some means in float32


@pytest.mark.parametrize("from_logits", [True, False])
def test_sparse_is_categorical_with_labels(from_logits: bool) -> None:
    outputs = np.random.default_rng(0).uniform(0.1, 1, (4, 3))
    labels = np.array([0, 2, 1, 2])
    sparse = losses.SparseCategoricalCrossentropy(from_logits)(outputs, labels)
    one_hot = losses.CategoricalCrossentropy(from_logits)(outputs, np.eye(3)[labels])
    assert sparse[0] == one_hot[0]
    np.testing.assert_array_equal(sparse[1](1.0), one_hot[1](1.0))


def test_the_mean_is_over_the_batch_and_the_squared_error_is_the_textbooks() -> None:
    outputs, targets = np.array([[1.0, 3.0], [0.0, 0.0]]), np.zeros((2, 2))
    assert losses.SquaredError()(outputs, targets)[0] == 2.5
    assert losses.MeanSquaredError()(outputs, targets)[0] == 2.5
    np.testing.assert_allclose(losses.SquaredError()(outputs, targets)[1](1.0), outputs / 2)


@pytest.mark.parametrize(
    ("name", "loss"),
    [
        ("sparse_categorical_crossentropy", losses.SparseCategoricalCrossentropy()),
        ("categorical_crossentropy", losses.CategoricalCrossentropy()),
        ("binary_crossentropy", losses.BinaryCrossentropy()),
        ("mse", losses.MeanSquaredError()),
        ("mean_squared_error", losses.MeanSquaredError()),
        ("mae", losses.MeanAbsoluteError()),
        ("mean_absolute_error", losses.MeanAbsoluteError()),
        ("squared_error", losses.SquaredError()),
    ],
)
def test_names_mean_losses(name: str, loss: losses.Loss) -> None:
    assert losses.get(name) == loss
    assert losses.get(loss) is loss


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(GlassnetError, match="Did you mean 'categorical_crossentropy'"):
        losses.get("categorial_crossentropy")
