"""Examples and their weights."""

from typing import Any

import numpy as np
import pytest

from glassnet.core.arrays import checked_weights
from glassnet.core.errors import GlassnetError
from glassnet.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
from glassnet.training.examples import Examples, class_weights, split

LABELS = np.array([0, 2, 1, 2])
SMALL = {0: 2, 2: np.float64(0.5)}

LOSSES = {True: SparseCategoricalCrossentropy(), False: CategoricalCrossentropy()}


@pytest.mark.parametrize(
    ("targets", "classes", "labels", "wanted"),
    [
        (LABELS, 3, True, [2, 0.5, 1, 0.5]),
        (np.eye(3)[LABELS], 3, False, [2, 0.5, 1, 0.5]),
        (LABELS.reshape(2, 2), 3, True, [[2, 0.5], [1, 0.5]]),
    ],
)
def test_class_weights(targets: Any, classes: int, labels: bool, wanted: Any) -> None:
    found = class_weights(SMALL, targets, classes, LOSSES[labels], "float32")
    assert found is not None
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, wanted)
    assert class_weights(None, targets, classes, LOSSES[labels], "float32") is None


def test_class_weights_of_one_output_are_those_of_yes_and_no() -> None:
    for no in (0.0, -1.0):
        y = np.array([[1.0], [no], [1.0]])
        found = class_weights({1: 5.0}, y, 1, MeanSquaredError(), "float64")
        assert found is not None
        assert found.tolist() == [5, 1, 5]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([1.0, 2.0], "class_weight: must be a dict, got list. Write {label: weight}"),
        ({3: 1.0}, "has the label 3, but labels are 0 to 2"),
        ({"cat": 1.0}, "has the label 'cat'"),
        ({-1: 1.0}, "has the label -1"),
        ({0: -1.0}, "the weight of 0 must be a number ≥ 0, got -1.0"),
        ({0: "a"}, "the weight of 0 must be a number ≥ 0, got 'a'"),
        ({0: float("nan")}, "the weight of 0 must be"),
        ({0: float("inf")}, "the weight of 0 must be"),
    ],
)
def test_class_weights_refused(given: Any, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        class_weights(given, LABELS, 3, LOSSES[True], "float32")


def test_numbers_have_no_class() -> None:
    with pytest.raises(GlassnetError, match="needs classes, but the targets are numbers"):
        class_weights({1: 2.0}, np.array([[3.0]]), 1, MeanSquaredError(), "float32")


@pytest.mark.parametrize(
    ("given", "outputs", "shape"),
    [
        ([1, 2, 3], (4,), (3,)),
        ([[1], [2], [3]], (4,), (3,)),
        (np.ones((3, 5)), (5, 4), (3, 5)),
        (np.ones(3, bool), (5, 4), (3,)),
    ],
)
def test_weights_accepted(given: Any, outputs: tuple[int, ...], shape: tuple[int, ...]) -> None:
    found = checked_weights(given, 3, outputs, "float32")
    assert found is not None
    assert (found.shape, found.dtype.name) == (shape, "float32")
    assert checked_weights(None, 3, outputs, "float32") is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([1, 2], r"sample_weight: has shape \(2,\), but there are 3 examples.*one number for each"),
        (np.ones((3, 4)), r"has shape \(3, 4\)"),
        (1.0, r"has shape \(\)"),
        (["a", "b", "c"], "has dtype <U1, but must contain numbers"),
        ([1, np.nan, 1], "1 of 3 rows contain NaN.*row 1"),
        ([1, 2, -3], "row 2 is below 0"),
    ],
)
def test_weights_refused(given: Any, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        checked_weights(given, 3, (4,), "float32")


def test_rows_and_products() -> None:
    x = np.arange(6), np.arange(6) * 10
    examples = Examples(x, np.arange(6), np.arange(6.0))
    part = examples.rows(np.array([4, 1]))
    assert len(examples) == 6
    assert [a.tolist() for a in part.x] == [[4, 1], [40, 10]]
    assert [a.tolist() for a in part.y] == [[4, 1], [4, 1]]
    assert part.weighted(None).y[1].tolist() == [4, 1]
    assert part.weighted(np.array([2.0, 3.0])).y[1].tolist() == [8, 3]
    assert part.weighted(np.ones((2, 3))).y[1].tolist() == [[4] * 3, [1] * 3]
    plain = Examples(x, np.arange(6))
    assert plain.y is plain.targets
    steps = plain.weighted(np.full((6, 3), 2.0)).weighted(np.arange(6.0))
    assert steps.y[1][5].tolist() == [10] * 3


def test_split_takes_weights_along() -> None:
    examples = Examples(np.arange(10), np.repeat([0, 1], 5), np.arange(10.0))
    train, held_out = split(examples, 0.2, stratify=False, seed=0, loss=None)
    assert held_out.x.tolist() == held_out.y[1].tolist() == [8, 9]
    assert len(train) == 8
    _, held_out = split(examples, 0.4, stratify=True, seed=0, loss=LOSSES[True])
    assert sorted(held_out.targets) == [0, 0, 1, 1]
    assert held_out.x.tolist() == held_out.y[1].tolist()


@pytest.mark.parametrize("y", [np.repeat([[0], [1]], [90, 10], 0), np.eye(2)[[0] * 90 + [1] * 10]])
def test_a_stratified_split_knows_yes_or_no_and_one_hot(y: np.ndarray) -> None:
    train, held_out = split(Examples(np.zeros(100), y), 0.2, True, 0, MeanSquaredError())
    assert held_out.targets[:, -1].sum() == 2
    assert len(train) == 80


@pytest.mark.parametrize(
    ("targets", "loss"),
    [
        (np.tile(np.arange(5), (100, 1)), LOSSES[True]),  # labels of steps
        (np.eye(5)[np.tile(np.arange(5), (100, 1))], LOSSES[False]),
        (np.linspace(0, 3, 100)[:, None], MeanSquaredError()),
        (np.ones((100, 2)), BinaryCrossentropy()),  # yes to both
        ((np.zeros((100, 1)), np.zeros((100, 1))), None),  # of two outputs
    ],
)
def test_a_split_by_class_needs_one_for_each_example(targets: Any, loss: Any) -> None:
    with pytest.raises(GlassnetError, match="needs exactly one class per example"):
        split(Examples(np.zeros(100), targets), 0.2, True, 0, loss)
