"""Checks of data for training and evaluation, before any weights exist."""

from typing import Any

import numpy as np
import pytest

from glassnet import Dense, GlassnetError
from glassnet.layers import Sequential
from glassnet.training.checks.examples import DataSpec, checked_examples, checked_training_data
from glassnet.training.output_specs import output_specs

NETWORK = Sequential((Dense(3, "softmax"),))
SPEC = DataSpec(NETWORK, output_specs(NETWORK, "sparse_categorical_crossentropy"), "float32")
X, Y = np.arange(20, dtype=np.float64).reshape(10, 2), np.arange(10) % 3


def test_inputs_targets_and_weights_come_out_as_the_losses_take_them() -> None:
    examples = checked_examples(SPEC, X.tolist(), Y[:, None], np.ones(10, bool))
    assert examples.x.dtype == np.float32
    assert examples.input_shape == (2,)
    assert (examples.targets == Y).all()
    assert examples.weights is not None
    assert examples.weights.dtype == np.float32


def test_class_weights_count_for_training_only() -> None:
    train, held_out = checked_training_data(
        SPEC, X, Y, np.full(10, 2.0), class_weight={0: 5.0}, validation_split=0.5
    )
    assert train.weights is not None
    assert held_out is not None
    assert train.weights.tolist() == [10, 2, 2, 10, 2]
    assert held_out.weights is not None
    assert held_out.weights.tolist() == [2] * 5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"x": X[:0], "y": Y[:0]}, "^x: has no rows"),
        ({"x": iter([X])}, "^x: is a list_iterator, but an array is needed"),
        ({"y": iter([Y])}, "^y: is a list_iterator, but an array is needed"),
        ({"y": None}, "^y: is missing"),
        ({"validation_data": (X[:, :1], Y)}, r"^validation_x: has shape \(10, 1\)"),
        ({"validation_data": (X, Y + 1)}, "^validation_y: row 2 has label 3"),
        ({"validation_data": (X, Y, Y[1:])}, "^validation_sample_weight: has shape"),
        ({"validation_data": (X,)}, "^validation_data: must be a pair"),
        ({"x": {"left": X}}, "^x: is a dict, but the inputs have no names"),
    ],
)
def test_messages_name_what_is_wrong(options: dict[str, Any], message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        checked_training_data(SPEC, **({"x": X, "y": Y} | options))
